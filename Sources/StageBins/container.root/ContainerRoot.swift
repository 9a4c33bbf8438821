package import Model

/// Makes the tree of a container image from its layers: OCI's or Docker's, plain or compressed with
/// gzip or zstd.
///
/// Input `layers`: their files.
package struct ContainerRoot: StageContract {
  /// File names of the input, the lowest layer first; one may be there several times.
  package var layers: [String]

  package static let name = "container.root"
  package static let version = 1
  package static let summary = "Make the tree of a container image from its layers."
  package static let stance = Stance.onTree
  package static let makesDevices = true
  package static let schema = Schema<Self>.object(
    Field("layers", { $0.layers }, .list(of: .string), "The layers' files, the lowest first."),
    make: { ContainerRoot(layers: $0) })

  package init(layers: [String]) { self.layers = layers }
}
