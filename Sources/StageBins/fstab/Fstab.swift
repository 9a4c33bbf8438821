package import Model

/// Writes `/etc/fstab`, and makes the folders that file systems are mounted on.
package struct Fstab: StageContract {
  package var mounts: [Mount]
  /// Whether to keep existing lines, after these.
  package var isKeeping: Bool

  package struct Mount: Sendable, Equatable {
    package var source: String
    package var target: String
    package var type: String
    package var options: String
    /// The order of checks at boot (fsck's pass): 0 for none, 1 for the root, 2 for others.
    package var pass: Int

    package init(source: String, target: String, type: String, options: String, pass: Int) {
      self.source = source
      self.target = target
      self.type = type
      self.options = options
      self.pass = pass
    }

    package static let schema = Schema<Mount>.object(
      Field("source", { $0.source }, .string, "What is mounted: UUID=…"),
      Field("target", { $0.target }, .string, "Where it is mounted; \"none\" for swap."),
      Field("type", { $0.type }, .string, "The file system's type."),
      Field("options", { $0.options }, .string, "Mount options, separated by commas."),
      Field("pass", { $0.pass }, .integer(0...2), "The order of checks at boot."),
      make: { Mount(source: $0, target: $1, type: $2, options: $3, pass: $4) })
  }

  package static let name = "fstab"
  package static let version = 1
  package static let summary = "Write /etc/fstab."
  package static let stance = Stance.inTree
  package static let schema = Schema<Self>.object(
    Field("mounts", { $0.mounts }, .list(of: Mount.schema), "The lines, in order."),
    Field(
      optional: "keep", { $0.isKeeping ? true : nil }, .bool,
      "Whether to keep existing lines, after these."),
    make: { Fstab(mounts: $0, isKeeping: $1 ?? false) })

  package init(mounts: [Mount], isKeeping: Bool = false) {
    self.mounts = mounts
    self.isKeeping = isKeeping
  }
}
