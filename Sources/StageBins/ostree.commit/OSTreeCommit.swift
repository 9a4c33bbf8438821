package import Model

/// Commits a system to a new OSTree repository, which is this stage's own tree.
///
/// Input `tree`: the system, as `ostree.layout` arranges it. The repository is of the mode `archive`, for
/// serving over HTTP and for deploying from.
package struct OSTreeCommit: StageContract {
  /// The branch that has the commit.
  package var ref: String
  package var subject: String
  /// What ostree(1) calls the commit's version; nil for none.
  package var systemVersion: String?

  package static let name = "ostree.commit"
  package static let version = 1
  package static let summary = "Commit a system to a new OSTree repository."
  package static let stance = Stance.onTree
  package static let buildPackages = ["ostree"]
  package static let schema = Schema<Self>.object(
    Field("ref", { $0.ref }, .string, "The branch to commit to."),
    Field("subject", { $0.subject }, .string, default: "", "The commit's subject, in one line."),
    Field(
      optional: "version", { $0.systemVersion }, .string, "The version to record in the commit."),
    make: { OSTreeCommit(ref: $0, subject: $1, systemVersion: $2) })

  package init(ref: String, subject: String, systemVersion: String?) {
    self.ref = ref
    self.subject = subject
    self.systemVersion = systemVersion
  }
}
