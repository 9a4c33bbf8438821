package import Model

/// Makes the first root of a Debian system: unpacks packages into an empty tree, without running
/// anything of them.
///
/// Input `packages`: the .deb files.
package struct DebianRoot: StageContract {
  /// File names of the input, in the order in which they are unpacked.
  package var unpack: [String]

  package static let name = "debian.root"
  package static let version = 1
  package static let summary = "Unpack the essential Debian packages into an empty tree."
  package static let stance = Stance.onTree
  package static let schema = Schema<Self>.object(
    Field("unpack", { $0.unpack }, .list(of: .string), "The .deb files, in order."),
    make: { DebianRoot(unpack: $0) })

  package init(unpack: [String]) { self.unpack = unpack }
}
