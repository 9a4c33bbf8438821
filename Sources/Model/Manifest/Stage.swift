/// One step of a pipeline: a stage's name, its options and what it reads.
package struct Stage: Sendable, Equatable {
  /// What `identity(…)` gives; the runner computes it again.
  package var id: Digest
  package var type: String
  /// The version of the stage's contract that the options are written for.
  package var version: Int
  package var options: Node
  package var inputs: [String: Input]
  /// Where in the recipe it comes from; nil where the recipe does not ask for it by itself.
  package var origin: Origin?

  package init(
    id: Digest, type: String, version: Int, options: Node, inputs: [String: Input],
    origin: Origin? = nil
  ) {
    self.id = id
    self.type = type
    self.version = version
    self.options = options
    self.inputs = inputs
    self.origin = origin
  }

  /// Where it comes from does not count.
  package static func == (a: Self, b: Self) -> Bool {
    a.id == b.id && a.type == b.type && a.version == b.version && a.options == b.options
      && a.inputs == b.inputs
  }

  /// A program is called so.
  package static let typeSchema = Schema<String>.name(of: "a stage", with: ".-", limit: 64)

  /// Each is a folder of that name.
  package static func inputsSchema<Value>(of value: Schema<Value>) -> Schema<[String: Value]> {
    Schema<[String: Value]>.map(of: value).mapped(
      { (inputs, node, problems) -> [String: Value]? in
        for name in inputs.keys.inByteOrder() {
          let name = Node(.string(name), mark: node.mark)
          guard Schema<String>.name(of: "an input").decode(name, &problems) != nil else {
            return nil
          }
        }
        return inputs
      }, { $0 })
  }

  package static let schema = Schema<Stage>.object(
    Field("id", { $0.id }, Digest.schema, "The stage's id: a hash of all that decides its result."),
    Field("type", { $0.type }, typeSchema, "The stage's name."),
    Field("version", { $0.version }, .integer(1...Int.max), "The version of its contract."),
    Field("options", { $0.options }, .any, "What the stage is told; its own schema says what."),
    Field(
      "inputs", { $0.inputs }, inputsSchema(of: Input.schema), default: [:], "What the stage reads."
    ),
    Field(
      optional: "origin", { $0.origin }, Origin.schema, "Where in the recipe the stage comes from."),
    make: { Stage(id: $0, type: $1, version: $2, options: $3, inputs: $4, origin: $5) })

  /// The id of a stage: the hash of a canonical JSON object.
  ///
  /// The object has exactly these members:
  ///
  /// - `architecture`: the manifest's
  /// - `build`: the id of the build pipeline (the id of its last stage), or null
  /// - `epoch`: the manifest's, in seconds
  /// - `inputs`: for each input name, its kind and the digests of its sources in order, or the id
  ///   of the pipeline it is the tree of
  /// - `options`: as they stand in the manifest
  /// - `previous`: the id of the stage before it, which for the first stage of a pipeline is the
  ///   id of the pipeline that is its base; or null
  /// - `type`, `version`
  ///
  /// Outside, so that they can change without a change of result: names of pipelines and of
  /// sources' files' places (URLs), the recipe, origins, the generator, exports. The names of source files
  /// are inside, because a stage sees them.
  ///
  /// `pipelineID` gives the id of a pipeline by name, nil for one that is empty; `sourceName` the
  /// file name of a source; `hash` is SHA-256.
  package static func identity(
    type: String, version: Int, options: Node, inputs: [String: Input], previous: Digest?,
    build: Digest?, architecture: Architecture, epoch: Timestamp,
    pipelineID: (String) -> Digest?, sourceName: (Digest) -> String,
    hash: ([UInt8]) -> Digest
  ) -> Digest {
    func node(_ digest: Digest?) -> Node {
      digest.map { .string($0.description) } ?? Node(.null)
    }
    let described = inputs.map { name, input -> (String, Node) in
      switch input {
      case .sources(let digests):
        let files = digests.map { digest -> Node in
          .list([.string(digest.description), .string(sourceName(digest))])
        }
        return (name, .object([("sources", .list(files))]))
      case .pipeline(let pipeline):
        return (name, .object([("pipeline", node(pipelineID(pipeline)))]))
      }
    }
    let whole = Node.object([
      ("architecture", .string(architecture.rawValue)), ("build", node(build)),
      ("epoch", .integer(epoch.seconds)), ("inputs", .object(described)), ("options", options),
      ("previous", node(previous)), ("type", .string(type)), ("version", .integer(version)),
    ])
    return hash(whole.canonicalBytes)
  }
}
