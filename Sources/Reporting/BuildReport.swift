package import Compiler
internal import Files
internal import JSON
package import Model
package import Provenance
package import Runner
internal import Trees

/// All that a page says of one build.
package struct BuildReport: Sendable {
  package var manifest: Manifest
  package var digest: Digest
  package var outputs: [Output]
  package var stages: [StageLine]
  package var systems: [System]
  package var bill: Bill
  /// The name of an earlier manifest, and what has changed since.
  package var since: (name: String, difference: ManifestDifference)?

  package struct Output: Sendable, Equatable {
    package var name: String
    package var size: Int
    /// Of a directory, that of its listing.
    package var digest: Digest
    package var isDirectory: Bool
  }

  package struct StageLine: Sendable, Equatable {
    package var pipeline: String
    package var index: Int
    package var type: String
    package var origin: Origin?
    /// How long it took when it ran; nil where that is not known.
    package var milliseconds: Int?
    /// Whether the build that the report is about took its result from the store; nil where nobody says.
    package var isHit: Bool?
  }

  /// What fills a system.
  package struct System: Sendable, Equatable {
    /// The pipeline that makes it.
    package var name: String
    package var bytes: Int
    package var files: Int
    package var packages: [Portion]
    package var directories: [Portion]
  }

  /// How many parts a picture of a system has, beside one for all others.
  private static let parts = 60

  /// - Parameters:
  ///   - manifest: What was built.
  ///   - bill: What is in it.
  ///   - built: What the store has of it.
  ///   - store: The store.
  /// - Throws: When a result is not in the store.
  package init(_ manifest: Manifest, _ bill: Bill, _ built: BuiltTrees, in store: Store)
    throws(Failure)
  {
    self.manifest = manifest
    self.bill = bill
    digest = bill.manifest
    outputs = []
    for name in manifest.exports.keys.inByteOrder() {
      guard let export = manifest.exports[name] else { continue }
      outputs.append(try Self.output(name, export, built, store))
    }
    stages = built.forecast.lines.map { line in
      StageLine(
        pipeline: line.pipeline, index: line.index, type: line.stage.type,
        origin: line.stage.origin,
        milliseconds: line.key.flatMap { store.result(of: $0)?.milliseconds }, isHit: nil)
    }
    systems = []
    for pipeline in built.systems.map(\.name) where Self.isFinished(pipeline, built) {
      let tree = try MergedTree(built.layers(of: pipeline), in: store, as: .tree)
      systems.append(
        System(
          name: pipeline, bytes: tree.size,
          files: tree.items.count {
            if case .file = $0.entry.kind { true } else { false }
          }, packages: try Portion.packages(of: tree, count: Self.parts),
          directories: Portion.directories(of: tree, count: Self.parts)))
    }
  }

  /// Whether no other system goes on from a pipeline's tree.
  private static func isFinished(_ name: String, _ built: BuiltTrees) -> Bool {
    !built.systems.contains { $0.base.map { $0.isSame(as: name) } ?? false }
  }

  private static func output(
    _ name: String, _ export: Manifest.Export, _ built: BuiltTrees, _ store: Store
  ) throws(Failure) -> Output {
    let layers = try built.layers(of: export.pipeline)
    if export.path.isSame(as: "/") {
      let tree = try MergedTree(layers, in: store, as: .tree)
      return Output(name: name, size: tree.size, digest: tree.listing.digest, isDirectory: true)
    }
    let path = ByteString(export.path).names.reduce(ByteString("")) { $0.appending($1) }
    for layer in layers.reversed() {
      if let listing = store.listing(of: layer), let file = Listing.file(path, in: listing) {
        return Output(name: name, size: file.size, digest: file.digest, isDirectory: false)
      }
    }
    throw Failure(
      "find", name, cause: "the tree of '\(export.pipeline)' has no file \(export.path)",
      remedy: "compile the recipe again: a stage of that pipeline must write it")
  }

  /// Takes over which stages ran, and how long they took, from what `particle-run --json` said.
  ///
  /// - Parameters:
  ///   - bytes: The text.
  ///   - file: What it is called in a diagnostic.
  /// - Throws: When it is not such a text.
  package mutating func add(run bytes: [UInt8], file: String) throws(Refusal) {
    func refusal(_ problem: String) -> Refusal {
      Refusal(diagnostics: [
        Diagnostic(
          "'\(shown(file))' is not the report of a run: \(problem)",
          remedy: "write one with: particle run MANIFEST --json >run.json")
      ])
    }
    let node: Node
    do { node = try JSON.parse(bytes, file: file, allowsDecimals: true) } catch {
      throw refusal(error.problem)
    }
    guard case .list(let items)? = node["stages"]?.value else {
      throw refusal("it has no list of stages")
    }
    var known = 0
    for item in items {
      guard case .string(let pipeline)? = item["pipeline"]?.value,
        case .integer(let index)? = item["index"]?.value,
        case .string(let result)? = item["result"]?.value,
        let line = stages.firstIndex(where: {
          $0.pipeline.isSame(as: pipeline) && $0.index == index
        })
      else { continue }
      known += 1
      stages[line].isHit = result == "hit"
      if case .decimal(let milliseconds)? = item["seconds"]?.value {
        stages[line].milliseconds = milliseconds
      }
    }
    guard known == stages.count else { throw refusal("it is about another build") }
  }
}
