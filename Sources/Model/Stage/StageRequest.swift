/// What the runner tells a stage on its standard input.
package struct StageRequest: Sendable, Equatable {
  /// Where the tree is for a stage that stands on it.
  package static let treePath = "/run/particle/tree"
  /// Where the folder of each input is, under its name.
  package static let inputsPath = "/run/particle/inputs"

  /// The tree to change: `/` or `treePath`.
  package var tree: String
  package var options: Node
  /// For each input its folder: of named source files, or another pipeline's tree.
  package var inputs: [String: String]
  package var epoch: Timestamp
  package var architecture: Architecture

  package init(
    tree: String, options: Node, inputs: [String: String], epoch: Timestamp,
    architecture: Architecture
  ) {
    self.tree = tree
    self.options = options
    self.inputs = inputs
    self.epoch = epoch
    self.architecture = architecture
  }

  package static let schema = Schema<StageRequest>.object(
    Field("tree", { $0.tree }, .string, "The tree to change."),
    Field("options", { $0.options }, .any, "The stage's options."),
    Field("inputs", { $0.inputs }, .map(of: .string), default: [:], "The folder of each input."),
    Field("epoch", { $0.epoch }, Timestamp.schema, "The latest time a file may carry."),
    Field("architecture", { $0.architecture }, .choice, "The machine the tree is for."),
    make: {
      StageRequest(tree: $0, options: $1, inputs: $2, epoch: $3, architecture: $4)
    })
}
