package import Model

/// What of a manifest is needed for some of its exports.
package struct Plan: Sendable {
  package var manifest: Manifest
  /// The exports that are wanted, by name.
  package var exports: [(name: String, export: Manifest.Export)]
  /// The pipelines they need, each after those it needs.
  package var pipelines: [Pipeline]

  /// - Parameters:
  ///   - manifest: One that `Manifest.read` accepted.
  ///   - wanted: Names of exports; empty for all.
  /// - Throws: `Refusal` for a name that the manifest does not have, or an export of a whole tree.
  package init(_ manifest: Manifest, exports wanted: [String]) throws(Refusal) {
    let known = manifest.exports.keys.inByteOrder()
    var diagnostics: [Diagnostic] = []
    for name in wanted where !known.has(name) {
      let near = suggestion(for: name, among: known).map { "did you mean '\($0)'? " } ?? ""
      diagnostics.append(
        Diagnostic(
          "the manifest has no export '\(name)'",
          remedy: near + "its exports are \(known.joined(separator: ", "))"))
    }
    let names = wanted.isEmpty ? known : known.filter { wanted.has($0) }
    exports = names.compactMap { name in manifest.exports[name].map { (name, $0) } }
    guard diagnostics.isEmpty else { throw Refusal(diagnostics: diagnostics) }

    var needed = Set(exports.map(\.export.pipeline))
    for pipeline in manifest.pipelines.reversed() where needed.contains(pipeline.name) {
      needed.formUnion(pipeline.needs)
    }
    self.manifest = manifest
    pipelines = manifest.pipelines.filter { needed.contains($0.name) }
  }
}

extension Pipeline {
  /// The names of the pipelines whose trees this one starts from, works with or reads.
  package var needs: Set<String> {
    var names = Set([base, build].compactMap(\.self))
    for stage in stages { names.formUnion(stage.inputs.values.compactMap(\.pipeline)) }
    return names
  }
}

extension Input {
  package var pipeline: String? {
    if case .pipeline(let name) = self { name } else { nil }
  }

  package var sources: [Digest] {
    if case .sources(let digests) = self { digests } else { [] }
  }
}

extension Stage {
  /// The sources this stage reads, in the order of its inputs' names.
  package var sources: [Digest] {
    inputs.sorted { $0.key.precedes($1.key) }.flatMap(\.value.sources)
  }
}
