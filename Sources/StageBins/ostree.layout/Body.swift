internal import Glibc
internal import Model
internal import Processes
package import StageContracts
package import StageKit

@main extension OSTreeLayout: StageBody {
  package func run(in job: borrowing Job) throws {
    try moveKernel(in: job.tree)
    for name in ["home", "mnt", "srv"] { try keepInState(name, as: name, in: job.tree) }
    try keepInState("root", as: "roothome", in: job.tree)
    let payload = try moveOptional(in: job.tree)
    try moveDatabase(in: job.tree)
    try job.tree.empty("/boot")
    try job.tree.link("/media", to: "run/media")
    try job.tree.makeDirectories("/sysroot")
    try job.tree.link("/ostree", to: "sysroot/ostree")
    try job.tree.write(
      "/usr/lib/tmpfiles.d/ostree-state.conf", try stateFolders(payload, in: job.tree))
    // Last: programs that run here read it.
    try move("/etc", to: "/usr/etc", in: job.tree)
  }

  private func moveKernel(in tree: borrowing Tree) throws(Failure) {
    let kernels = try tree.kernels()
    guard let kernel = kernels.first, kernels.count == 1 else {
      throw Failure(
        "arrange", "the kernel for OSTree",
        cause: kernels.isEmpty
          ? "the tree has none in /boot"
          : "the tree has several: \(kernels.joined(separator: ", "))",
        remedy: "install one kernel, such as linux-image-amd64")
    }
    let initramfs = "/boot/initrd.img-\(kernel)"
    guard tree.exists(initramfs) else {
      throw Failure(
        "arrange", "the kernel for OSTree", cause: "the tree has no \(initramfs)",
        remedy: "run the stage initramfs first")
    }
    let folder = "/usr/lib/modules/\(kernel)"
    try move("/boot/vmlinuz-\(kernel)", to: folder + "/vmlinuz", in: tree)
    try move(initramfs, to: folder + "/initramfs.img", in: tree)
    for name in try tree.names(in: "/")
    where name.hasPrefix("vmlinuz") || name.hasPrefix("initrd.img") {
      try tree.remove("/" + name)
    }
  }

  /// Makes a folder of the root a link into the state.
  private func keepInState(_ name: String, as target: String, in tree: borrowing Tree)
    throws(Failure)
  {
    if tree.isDirectory("/" + name) {
      try move("/" + name, to: "/var/" + target, in: tree)
    } else {
      try tree.makeDirectories("/var/" + target)
    }
    try tree.link("/" + name, to: "var/" + target)
  }

  /// What packages have in /opt is the system's; what the machine's owner puts there is not.
  ///
  /// - Returns: The names of the packages' folders.
  private func moveOptional(in tree: borrowing Tree) throws(Failure) -> [String] {
    let names = try tree.entries(in: "/opt").map { (name) throws(Failure) in
      guard let text = name.text else {
        throw Failure(
          "move", "/opt/\(name.shown)", cause: "its name is not UTF-8",
          remedy: "remove or rename it in a script module that comes first")
      }
      return text
    }
    for name in names { try move("/opt/\(name)", to: "/usr/lib/opt/\(name)", in: tree) }
    try keepInState("opt", as: "opt", in: tree)
    for name in names { try tree.link("/var/opt/\(name)", to: "../../usr/lib/opt/\(name)") }
    return names
  }

  private func moveDatabase(in tree: borrowing Tree) throws(Failure) {
    guard tree.isDirectory("/var/lib/dpkg") else { return }
    try move("/var/lib/dpkg", to: "/usr/lib/sysimage/dpkg", in: tree)
    try tree.link("/var/lib/dpkg", to: "../../usr/lib/sysimage/dpkg")
  }

  /// For tmpfiles.d(5): OSTree fills `/var` only when it deploys a system first, so what a later version
  /// expects there has to come at boot.
  private func stateFolders(_ payload: [String], in tree: borrowing Tree) throws(Failure)
    -> String
  {
    var lines = ["d /run/media 0755 root root -", "d /var/roothome 0700 root root -"]
    for entry in try Walk(tree.outside("/var")).entries where entry.isDirectory {
      let path = "/var/" + ByteString(entry.path)
      // Homes are their users'.
      if path.hasPrefix("/var/home/") || path.hasPrefix("/var/roothome") { continue }
      let mode = String(entry.information.st_mode & 0o7777, radix: 8)
      let info = entry.information
      lines.append("d \(escaped(path)) 0\(mode) \(info.st_uid) \(info.st_gid) -")
    }
    lines.append("L+ /var/lib/dpkg - - - - ../../usr/lib/sysimage/dpkg")
    for name in payload {
      lines.append(
        "L+ \(escaped(ByteString("/var/opt/\(name)"))) - - - - ../../usr/lib/opt/\(escaped(ByteString(name)))"
      )
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// A path for a line of tmpfiles.d(5), which has specifiers, quotes and C's escapes.
  private func escaped(_ path: ByteString) -> String {
    let isText = path.text != nil
    let bytes = path.bytes.flatMap { byte -> [UInt8] in
      switch byte {
      case UInt8(ascii: "%"): return Array("%%".utf8)
      case 0...0x20, 0x7f, UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'"): break
      default: if byte < 0x7f || isText { return [byte] }
      }
      let digits = String(byte, radix: 16)
      return Array(("\\x" + (digits.utf8.count == 1 ? "0" : "") + digits).utf8)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Overlays cannot rename what is in a lower layer; mv(1) then copies, with all that files have.
  private func move(_ path: String, to target: String, in tree: borrowing Tree) throws(Failure) {
    if let (folder, _) = target.cut(atLast: "/") { try tree.makeDirectories(folder) }
    try Command(["mv", "--no-target-directory", tree.outside(path), tree.outside(target)])
      .runLogged()
  }
}
