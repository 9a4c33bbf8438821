import Hashing
import Model

/// A manifest in the making, with true ids.
struct Draft {
  var manifest: Manifest
  private var ids: [String: Digest] = [:]

  init(epoch: Int = 1_700_000_000, architecture: Architecture = .amd64) {
    manifest = Manifest(
      generator: [:],
      recipe: Manifest.RecipeReference(name: "test", digest: SHA256.digest([])),
      architecture: architecture, epoch: Timestamp(seconds: epoch), sources: [:], pipelines: [],
      exports: [:])
  }

  /// A stage without its id.
  struct Step {
    var type: String
    var options: Node
    var inputs: [String: Input]
    /// Of the stage's contract.
    var version = 1
    var origin: Origin?
  }

  mutating func pipeline(
    _ name: String, base: String? = nil, build: String? = nil, _ steps: [Step]
  ) {
    var previous = base.flatMap { ids[$0] }
    var stages: [Stage] = []
    for step in steps {
      let ids = ids
      let sources = manifest.sources
      let id = Stage.identity(
        type: step.type, version: step.version, options: step.options, inputs: step.inputs,
        previous: previous, build: build.flatMap { ids[$0] },
        architecture: manifest.architecture, epoch: manifest.epoch, pipelineID: { ids[$0] },
        sourceName: { sources[$0]?.name ?? "" }, hash: SHA256.digest)
      stages.append(
        Stage(
          id: id, type: step.type, version: step.version, options: step.options,
          inputs: step.inputs, origin: step.origin))
      previous = id
    }
    ids[name] = previous
    manifest.pipelines.append(Pipeline(name: name, build: build, base: base, stages: stages))
  }

  mutating func export(_ name: String, from pipeline: String, _ path: String) {
    manifest.exports[name] = Manifest.Export(pipeline: pipeline, path: path)
  }

  mutating func source(_ name: String, _ bytes: [UInt8], urls: [String]) -> Digest {
    let digest = SHA256.digest(bytes)
    manifest.sources[digest] = .download(
      Source.Download(name: name, size: bytes.count, urls: urls))
    return digest
  }

  mutating func inline(_ name: String, _ base64: String, of bytes: [UInt8]) -> Digest {
    let digest = SHA256.digest(bytes)
    manifest.sources[digest] = .inline(Source.Inline(name: name, inline: base64))
    return digest
  }

  var text: String { Manifest.schema.encode(manifest).prettyText }
}

/// A stage that stands in the tree and does these steps.
func inTree(_ steps: String..., inputs: [String: Input] = [:]) -> Draft.Step {
  Draft.Step(type: "trial-in", options: options(steps), inputs: inputs)
}

func inTree(_ steps: [String]) -> Draft.Step {
  Draft.Step(type: "trial-in", options: options(steps), inputs: [:])
}

/// A stage that stands on the tree and does these steps.
func onTree(_ steps: String..., inputs: [String: Input] = [:]) -> Draft.Step {
  Draft.Step(type: "trial-on", options: options(steps), inputs: inputs)
}

private func options(_ steps: [String]) -> Node {
  .object([("steps", .list(steps.map(Node.string)))])
}
