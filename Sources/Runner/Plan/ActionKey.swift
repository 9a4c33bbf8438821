internal import Hashing
package import Model

/// What decides the result of one run of a stage.
package struct Action: Sendable {
  package var stage: Stage
  package var epoch: Timestamp
  package var architecture: Architecture
  /// Of the program that does the stage's work, and the libraries it brings along.
  package var program: Digest
  /// The layers of the tree before the stage, lowest first.
  package var tree: [Digest]
  /// The same as far as the stage sees them (`SeenTree`).
  package var seen: [Digest]
  /// The layers of the tree with the tools; nil for a pipeline without one.
  package var build: [Digest]?
  /// The layers of every pipeline that is an input, by the input's name.
  package var inputTrees: [String: [Digest]]
  /// The file names of the sources.
  package var sourceNames: [Digest: String]

  package init(
    stage: Stage, epoch: Timestamp, architecture: Architecture, program: Digest, tree: [Digest],
    seen: [Digest]? = nil, build: [Digest]?, inputTrees: [String: [Digest]],
    sourceNames: [Digest: String]
  ) {
    self.stage = stage
    self.epoch = epoch
    self.architecture = architecture
    self.program = program
    self.tree = tree
    self.seen = seen ?? tree
    self.build = build
    self.inputTrees = inputTrees
    self.sourceNames = sourceNames
  }

  /// The key of the action cache: the hash of a canonical JSON object.
  ///
  /// The object has exactly these members:
  ///
  /// - `architecture`; `epoch` in seconds
  /// - `build`, `tree`: the digests of their layers, or null; of the tree what the stage sees of them
  /// - `inputs`: for each name the digests and names of its sources, or the digests of the layers
  /// - `options`, `type`, `version`
  /// - `program`: the digest of the stage's executable
  ///
  /// The stage's id is outside: a stage whose predecessors came out the same is a hit, whatever
  /// their options were.
  package var key: Digest {
    func layers(_ digests: [Digest]) -> Node { .list(digests.map { .string($0.hex) }) }
    let inputs = stage.inputs.map { name, input -> (String, Node) in
      switch input {
      case .pipeline: (name, .object([("layers", layers(inputTrees[name] ?? []))]))
      case .sources(let digests):
        (
          name,
          .object([
            (
              "sources",
              .list(
                digests.map { .list([.string($0.hex), .string(sourceNames[$0] ?? "")]) })
            )
          ])
        )
      }
    }
    let whole = Node.object([
      ("architecture", .string(architecture.rawValue)),
      ("build", build.map(layers) ?? Node(.null)), ("epoch", .integer(epoch.seconds)),
      ("inputs", .object(inputs)), ("options", stage.options), ("program", .string(program.hex)),
      ("tree", layers(seen)), ("type", .string(stage.type)), ("version", .integer(stage.version)),
    ])
    return SHA256.digest(whole.canonicalBytes)
  }
}
