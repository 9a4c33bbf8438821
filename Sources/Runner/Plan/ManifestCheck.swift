internal import Hashing
internal import JSON
package import Model
internal import StageContracts

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
    if found.isEmpty { found = identityProblems(file: file, hash: SHA256.digest) }
    if found.isEmpty { found = optionProblems(file: file) }
    return found
  }

  /// What is wrong with the options of stages whose contracts this program knows: others say it when they run.
  private func optionProblems(file: String) -> [Diagnostic] {
    var problems = Problems()
    for (place, pipeline) in pipelines.enumerated() {
      for (index, stage) in pipeline.stages.enumerated() {
        guard let contract = Self.contracts[stage.type], contract.version == stage.version else {
          continue
        }
        problems.inside(.key("pipelines")) { problems in
          problems.inside(.index(place)) { problems in
            problems.inside(.key("stages")) { problems in
              problems.inside(.index(index)) { problems in
                problems.inside(.key("options")) { contract.check(stage.options, &$0) }
              }
            }
          }
        }
      }
    }
    return problems.diagnostics.map { problem in
      var problem = problem
      problem.mark = Mark(file: file, line: 1, column: 1)
      return problem
    }
  }

  private static let contracts = Dictionary(uniqueKeysWithValues: catalog.map { ($0.name, $0) })
}

extension StageContract {
  /// Reports what is wrong with options.
  fileprivate static func check(_ options: Node, _ problems: inout Problems) {
    _ = schema.decode(options, &problems)
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
        found.append(problem("two pipelines are named '\(pipeline.name)'", path))
      }
      for name in [pipeline.base, pipeline.build].compactMap(\.self) where !known.contains(name) {
        found.append(unknown(name, path))
      }
      for (index, stage) in pipeline.stages.enumerated() {
        for (name, input) in stage.inputs.sorted(by: { $0.key.precedes($1.key) }) {
          let place = "\(path).stages[\(index)].inputs.\(name)"
          found += problems(of: input, at: place, known: known)
        }
      }
      known.insert(pipeline.name)
    }
    for (name, export) in manifest.exports.sorted(by: { $0.key.precedes($1.key) })
    where !known.contains(export.pipeline) {
      found.append(unknown(export.pipeline, "exports.\(name)"))
    }
    var size = 0
    for (digest, source) in manifest.sources.sorted(by: { $0.key < $1.key }) {
      guard case .download(let download) = source, size <= Source.mostBytes else { continue }
      size = min(size, Source.mostBytes) + min(download.size, Source.mostBytes + 1)
      if size > Source.mostBytes {
        found.append(problem("the sources are larger than 1 PiB in total", "sources.\(digest)"))
      }
    }
    return found
  }

  private func problems(of input: Input, at path: String, known: Set<String>) -> [Diagnostic] {
    switch input {
    case .pipeline(let name): return known.contains(name) ? [] : [unknown(name, path)]
    case .sources(let digests):
      var names: Set<ByteString> = []
      var found: [Diagnostic] = []
      for digest in digests {
        guard let source = manifest.sources[digest] else {
          found.append(problem("the manifest has no source \(digest)", path))
          continue
        }
        if !names.insert(ByteString(source.name)).inserted {
          found.append(problem("two sources of the input are named '\(source.name)'", path))
        }
      }
      return found
    }
  }

  private func unknown(_ name: String, _ path: String) -> Diagnostic {
    let isLater = manifest.pipelines.contains { $0.name == name }
    return problem(
      isLater
        ? "the pipeline '\(name)' has to come before this one"
        : "the manifest has no pipeline '\(name)'",
      path)
  }

  private func problem(_ text: String, _ path: String) -> Diagnostic {
    Diagnostic(
      text, at: Mark(file: file, line: 1, column: 1), path: path,
      remedy: "compile the recipe again; manifests are not meant to be edited by hand")
  }
}
