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
    try job.tree.write("/etc/fstab", text + further(in: job.tree))
  }

  /// The lines that stay of those that are there, with folders for what they mount.
  private func further(in tree: borrowing Tree) throws(Failure) -> String {
    guard tree.exists("/etc/fstab") else { return "" }
    var lines: [String] = []
    for line in try tree.readText("/etc/fstab").parts(at: "\n") {
      let fields = line.split { $0 == " " || $0 == "\t" }.map(String.init)
      guard let first = fields.first, !first.begins(with: "#") else {
        // debootstrap's file says that there is nothing in it.
        if isKeeping, !line.contains("UNCONFIGURED FSTAB") { lines.append(line) }
        continue
      }
      let target = fields.count > 1 ? fields[1] : ""
      guard isKeeping, !mounts.contains(where: { $0.target == target && target.begins(with: "/") })
      else {
        Log.note("left out of /etc/fstab: \(line)")
        continue
      }
      lines.append(line)
      let isMade = ["/proc", "/sys", "/dev", "/run", "/tmp"].contains {
        target == $0 || target.begins(with: $0 + "/")
      }
      if target.begins(with: "/"), !isMade, !target.has("\\"), !tree.exists(target) {
        try tree.makeDirectories(target)
      }
    }
    return lines.map { $0 + "\n" }.joined()
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
