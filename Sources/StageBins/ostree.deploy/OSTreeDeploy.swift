package import Model

/// Deploys a commit: this stage's own tree is then the root file system of a disk whose system OSTree
/// updates (ostree-admin-deploy(1)).
///
/// Input `repository`: the tree of `ostree.commit`.
package struct OSTreeDeploy: StageContract {
  package var ref: String
  /// The name under which the machine's state (`/var`) is kept.
  package var stateroot: String
  /// The kernel's, without what says which deployment it is.
  package var arguments: [String]
  /// Whether /boot is a file system of its own.
  package var separateBoot: Bool

  package static let name = "ostree.deploy"
  package static let version = 2
  package static let summary = "Deploy a system from an OSTree repository."
  package static let stance = Stance.onTree
  package static let buildPackages = ["ostree"]
  package static let schema = Schema<Self>.object(
    Field("ref", { $0.ref }, .string, "The branch to deploy."),
    Field(
      "stateroot", { $0.stateroot }, .string,
      "The name of the stateroot, which keeps the machine's state."),
    Field("arguments", { $0.arguments }, .list(of: .string), "The kernel's arguments."),
    Field(
      "separate-boot", { $0.separateBoot }, .bool, default: false,
      "Whether /boot is a separate file system."),
    make: { OSTreeDeploy(ref: $0, stateroot: $1, arguments: $2, separateBoot: $3) })

  package init(ref: String, stateroot: String, arguments: [String], separateBoot: Bool) {
    self.ref = ref
    self.stateroot = stateroot
    self.arguments = arguments
    self.separateBoot = separateBoot
  }

  /// The path below `/boot` of GRUB's menu of the deployments.
  package static let menuFile = "loader/grub.cfg"

  /// Where a system has the program that makes GRUB's menu of its deployments.
  package static let menuProgram = "/usr/lib/particle/ostree-menu"

  /// That program, which OSTree starts with `-o FILE` after each change of the deployments.
  ///
  /// OSTree has then written an entry for each (uapi-group.org, "Boot Loader Specification") into the
  /// folder `entries` beside that file. Debian's GRUB cannot read such entries by itself.
  package static let menuText = #"""
    #!/bin/sh
    # Writes GRUB's menu of the deployments, the newest first.
    set -eu
    [ "$1" = -o ]
    entries=$(dirname "$2")/entries
    for entry in $(ls "$entries" | sort -rV); do
      value() { sed -n "s/^$1[ \t]*//p" "$entries/$entry"; }
      # GRUB's own characters stand for themselves: outside of double quotes, and between them.
      arguments() {
        value options | awk -F '"' -v OFS='"' '{
          for (i = 1; i <= NF; i++)
            if (i % 2) gsub(/[][{}|&;<>$#*?~'"'"'\\]/, "\\\\&", $i); else gsub(/[$\\]/, "\\\\&", $i)
          print
        }'
      }
      echo "menuentry '$(value title | tr -d "'")' {"
      printf '%s\n' "  linux $(value linux) $(arguments)"
      [ -z "$(value initrd)" ] || echo "  initrd $(value initrd)"
      echo "}"
    done >"$2"

    """#
}
