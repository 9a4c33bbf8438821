internal import Hashing
internal import JSON
package import Model

extension Manifest {
  /// Reads a manifest, and refuses it unless everything it refers to is there and every stage has
  /// the id that its content gives.
  ///
  /// - Parameters:
  ///   - bytes: The text, UTF-8.
  ///   - file: What the manifest is called in a diagnostic.
  /// - Returns: The manifest, which can only be right.
  /// - Throws: `Refusal`, with every problem.
  package static func read(_ bytes: [UInt8], file: String) throws(Refusal) -> Manifest {
    let manifest = try JSON.decode(schema, from: bytes, file: file).get()
    let problems = manifest.problems(file: file)
    guard problems.isEmpty else { throw Refusal(diagnostics: problems) }
    return manifest
  }

  private func problems(file: String) -> [Diagnostic] {
    var found = References(manifest: self, file: file).problems()
    // An id says nothing while a reference it hashes leads nowhere.
    if found.isEmpty { found = identityProblems(file: file) }
    return found
  }

  private func identityProblems(file: String) -> [Diagnostic] {
    var found: [Diagnostic] = []
    var ids: [String: Digest] = [:]
    for (place, pipeline) in pipelines.enumerated() {
      var previous = pipeline.base.flatMap { ids[$0] }
      for (index, stage) in pipeline.stages.enumerated() {
        let id = Stage.identity(
          type: stage.type, version: stage.version, options: stage.options, inputs: stage.inputs,
          previous: previous, build: pipeline.build.flatMap { ids[$0] },
          architecture: architecture, epoch: epoch, pipelineID: { ids[$0] },
          sourceName: { sources[$0]?.name ?? "" }, hash: SHA256.digest)
        if id != stage.id {
          found.append(
            Diagnostic(
              """
              stage \(index) of pipeline '\(pipeline.name)', \(stage.type), is not what its id \
              says: the manifest has \(stage.id), its content gives \(id)
              """,
              at: Mark(file: file, line: 1, column: 1),
              path: "pipelines[\(place)].stages[\(index)].id",
              remedy: "compile the recipe again; a manifest is not made to be changed by hand"))
          return found
        }
        previous = id
      }
      ids[pipeline.name] = previous
    }
    return found
  }
}

/// Whether all that a manifest refers to is there.
private struct References {
  let manifest: Manifest
  let file: String

  func problems() -> [Diagnostic] {
    var found: [Diagnostic] = []
    var known: Set<String> = []
    for (place, pipeline) in manifest.pipelines.enumerated() {
      let path = "pipelines[\(place)]"
      if known.contains(pipeline.name) {
        found.append(problem("there are two pipelines '\(pipeline.name)'", path))
      }
      for name in [pipeline.base, pipeline.build].compactMap(\.self) where !known.contains(name) {
        found.append(unknown(name, path))
      }
      for (index, stage) in pipeline.stages.enumerated() {
        for (name, input) in stage.inputs.sorted(by: { $0.key < $1.key }) {
          let place = "\(path).stages[\(index)].inputs.\(name)"
          if !isFileName(name) { found.append(problem("'\(name)' is no name of an input", place)) }
          found += problems(of: input, at: place, known: known)
        }
      }
      known.insert(pipeline.name)
    }
    for (name, export) in manifest.exports.sorted(by: { $0.key < $1.key }) {
      let path = "exports.\(name)"
      if !isFileName(name) { found.append(problem("'\(name)' is no file name", path)) }
      if !known.contains(export.pipeline) { found.append(unknown(export.pipeline, path)) }
      let parts = export.path.split(separator: "/", omittingEmptySubsequences: false)
      if !export.path.hasPrefix("/") || parts.contains("..") {
        found.append(problem("'\(export.path)' is not an absolute path in a tree", path))
      }
    }
    for (digest, source) in manifest.sources.sorted(by: { $0.key < $1.key }) {
      if !isFileName(source.name) {
        found.append(problem("'\(source.name)' is no file name", "sources.\(digest)"))
      }
    }
    return found
  }

  private func problems(of input: Input, at path: String, known: Set<String>) -> [Diagnostic] {
    switch input {
    case .pipeline(let name): return known.contains(name) ? [] : [unknown(name, path)]
    case .sources(let digests):
      var names: Set<String> = []
      var found: [Diagnostic] = []
      for digest in digests {
        guard let source = manifest.sources[digest] else {
          found.append(problem("there is no source \(digest)", path))
          continue
        }
        if !names.insert(source.name).inserted {
          found.append(problem("two sources of one input have the name '\(source.name)'", path))
        }
      }
      return found
    }
  }

  private func unknown(_ name: String, _ path: String) -> Diagnostic {
    let isLater = manifest.pipelines.contains { $0.name == name }
    return problem(
      isLater
        ? "the pipeline '\(name)' does not come before this one" : "there is no pipeline '\(name)'",
      path)
  }

  private func problem(_ text: String, _ path: String) -> Diagnostic {
    Diagnostic(
      text, at: Mark(file: file, line: 1, column: 1), path: path,
      remedy: "compile the recipe again; a manifest is not made to be changed by hand")
  }

  private func isFileName(_ name: String) -> Bool {
    let hasControls = name.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f }
    return !name.isEmpty && name != "." && name != ".." && !name.contains("/") && !hasControls
  }
}
