internal import Hashing
internal import Model
internal import StageContracts

/// A stage to be, made from its contract, so that its options cannot be wrong.
package struct Step: Sendable {
  /// What is known of the stage's kind.
  let contract: any StageContract.Type
  var options: Node
  var inputs: [String: Input]
  /// Content among its inputs: what the manifest carries itself, and container images.
  var sources: [Digest: Source] = [:]
  var origin: Origin?

  init<Contract: StageContract>(_ contract: Contract, _ inputs: [String: Input] = [:]) {
    self.contract = Contract.self
    options = Contract.schema.encode(contract)
    self.inputs = inputs
  }

  var type: String { contract.name }
  var version: Int { contract.version }
}

extension Step {
  /// Runs commands of the shell in the tree, until one fails.
  init(running commands: String) {
    self.init(Script(script: commands, interpreter: ["/bin/sh", "-eu"], environment: [:]))
  }
}

/// A pipeline to be: its stages have no ids yet.
struct Draft {
  var name: String
  var build: String?
  var base: String?
  var steps: [Step]

  init(_ name: String, build: String? = nil, base: String? = nil, _ steps: [Step]) {
    self.name = name
    self.build = build
    self.base = base
    self.steps = steps
  }
}

/// Gives the stages of drafts, each of which stands after those it needs, their ids.
func identify(
  _ drafts: [Draft], sources: [Digest: Source], architecture: Architecture, epoch: Timestamp
) -> [Pipeline] {
  var ids: [String: Digest] = [:]
  return drafts.map { draft in
    var previous = draft.base.flatMap { ids[$0] }
    let build = draft.build.flatMap { ids[$0] }
    let stages = draft.steps.map { step in
      let id = Stage.identity(
        type: step.type, version: step.version, options: step.options, inputs: step.inputs,
        previous: previous, build: build, architecture: architecture, epoch: epoch,
        pipelineID: { ids[$0] }, sourceName: { sources[$0]?.name ?? "" }, hash: SHA256.digest)
      previous = id
      return Stage(
        id: id, type: step.type, version: step.version, options: step.options, inputs: step.inputs,
        origin: step.origin)
    }
    ids[draft.name] = previous
    return Pipeline(name: draft.name, build: draft.build, base: draft.base, stages: stages)
  }
}
