package import Model

/// Writes a tree as one read-only file system, with the hash tree by which dm-verity checks it.
///
/// Input `tree`: the system. Writes `/root.image`, and for verity `/root.verity` and
/// `/root-hash`, the root hash as text.
package struct RootImage: StageContract {
  package var type: Kind
  /// For erofs; squashfs has none.
  package var uuid: String
  /// The mount points of other file systems: what is below them is left out.
  package var beside: [String]
  /// Nil for none.
  package var verity: Verity?

  package enum Kind: String, Sendable, CaseIterable { case squashfs, erofs }

  package struct Verity: Sendable, Equatable {
    package var uuid: String
    /// Hexadecimal digits that go into every hash.
    package var salt: String

    package init(uuid: String, salt: String) {
      self.uuid = uuid
      self.salt = salt
    }

    package static let schema = Schema<Verity>.object(
      Field("uuid", { $0.uuid }, .string, "The hash tree's UUID."),
      Field("salt", { $0.salt }, .string, "Hexadecimal digits that go into every hash."),
      make: { Verity(uuid: $0, salt: $1) })
  }

  package static let name = "root-image"
  package static let version = 1
  package static let summary = "Write a tree as one read-only file system, with its hash tree."
  package static let stance = Stance.onTree
  package static let buildPackages = ["cryptsetup-bin", "erofs-utils", "squashfs-tools"]
  package static let schema = Schema<Self>.object(
    Field("type", { $0.type }, .choice, "The file system's type."),
    Field("uuid", { $0.uuid }, .string, "The file system's UUID, where it has one."),
    Field(
      "beside", { $0.beside }, .list(of: .string), default: [],
      "The mount points of other file systems."),
    Field(optional: "verity", { $0.verity }, Verity.schema, "The hash tree. Default: none."),
    make: { RootImage(type: $0, uuid: $1, beside: $2, verity: $3) })

  package init(type: Kind, uuid: String, beside: [String], verity: Verity?) {
    self.type = type
    self.uuid = uuid
    self.beside = beside
    self.verity = verity
  }
}
