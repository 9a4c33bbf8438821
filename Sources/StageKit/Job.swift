package import Model

/// What a stage body is given: its tree, its inputs and the facts of the build.
package struct Job: ~Copyable {
  package let tree: Tree
  /// The folder of each input, by name.
  package let inputs: [String: String]
  package let epoch: Timestamp
  package let architecture: Architecture

  package init(
    tree: consuming Tree, inputs: [String: String] = [:], epoch: Timestamp,
    architecture: Architecture
  ) {
    self.tree = tree
    self.inputs = inputs
    self.epoch = epoch
    self.architecture = architecture
  }

  /// The folder of an input that the contract says is always there.
  package func input(_ name: String) throws(Failure) -> String {
    guard let folder = inputs[name] else {
      throw Failure(
        "find", "the input '\(name)'", cause: "the manifest does not give this stage one")
    }
    return folder
  }
}

/// The work a stage does in its tree.
package protocol StageBody: StageContract {
  func run(in job: borrowing Job) throws
}
