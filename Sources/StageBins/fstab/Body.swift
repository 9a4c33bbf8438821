internal import Model
package import StageContracts
package import StageKit

@main extension Fstab: StageBody {
  package func run(in job: borrowing Job) throws {
    var text = "# <file system>\t<mount point>\t<type>\t<options>\t<dump>\t<pass>\n"
    for mount in mounts {
      let options = mount.options.isEmpty ? "defaults" : mount.options
      let fields = [mount.source, mount.target, mount.type, options].map(escaped)
      text += fields.joined(separator: "\t") + "\t0\t\(mount.pass)\n"
      if mount.target.begins(with: "/") { try job.tree.makeDirectories(mount.target) }
    }
    try job.tree.write("/etc/fstab", text)
  }

  /// A field with blanks as octal numbers, which is how fstab(5) has them.
  private func escaped(_ field: String) -> String {
    field.map { character in
      switch character {
      case " ": "\\040"
      case "\t": "\\011"
      case "\n": "\\012"
      case "\\": "\\134"
      default: String(character)
      }
    }.joined()
  }
}
