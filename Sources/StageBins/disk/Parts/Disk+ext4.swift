internal import Files
internal import Model
internal import Processes
internal import StageContracts
internal import StageKit
internal import Tar

/// The sizes of ext4's own structures.
enum Ext4 {
  private static let inodeSize = 256

  /// How many inodes a file system of `size` bytes has: one in 16 KiB as mke2fs does it, but
  /// enough for the content and some more.
  static func inodes(for content: Int, in size: Int) -> Int {
    max(size / 16_384, content + content / 4 + 1024)
  }

  static func inodeTable(for content: Int, in size: Int) -> Int {
    inodes(for: content, in: size) * inodeSize
  }

  /// The journal that mke2fs makes by default (`ext2fs_default_journal_size`).
  static func journal(in size: Int) -> Int {
    let steps = [(128, 4), (1024, 16), (2048, 32), (16_384, 64), (32_768, 128), (65_536, 256)]
    let mebibytes = steps.first { size >> 20 < $0.0 }?.1 ?? 512
    return mebibytes << 20
  }
}

extension Disk {
  /// Makes an ext4 file system with its content right in its place of the image.
  ///
  /// The content goes in as a sorted archive: of a folder, mke2fs would also copy the times of access.
  func writeExt4(
    _ filesystem: Filesystem, _ content: Content?, seed: String, at place: Layout.Extent,
    in image: String
  ) throws(Failure) {
    let extended = [
      "offset=\(place.start)", "hash_seed=\(seed)", "root_owner=0:0", "nodiscard",
      // The image is new and full of zeros; a machine that boots it has nothing left to clear.
      "lazy_itable_init=0", "lazy_journal_init=0", "assume_storage_prezeroed=1",
    ]
    let inodes = Ext4.inodes(for: content?.inodes ?? 0, in: place.size)
    var command = Command([
      "mke2fs", "-q", "-F", "-t", "ext4", "-b", "\(Content.block)", "-I", "256", "-N", "\(inodes)",
      "-m", "1", "-L", filesystem.label, "-U", filesystem.uuid, "-E",
      extended.joined(separator: ","),
    ])
    let target = [image, "\(place.size / Content.block)"]
    guard let content else {
      command.arguments += target
      try command.runLogged()
      return
    }
    command.arguments += ["-d", "-"] + target
    let archive = TreeArchive(content.walk)
    try command.runLogged { (pipe) throws(Failure) in
      try archive.write(to: pipe, name: "the content of \(filesystem.label)")
    }
    try addAttributes(of: content, at: place, in: image)
  }

  /// Adds the extended attributes that mke2fs leaves out of an archive.
  ///
  /// It takes over capabilities only (`set_inode_xattr_tar` of e2fsprogs); access control lists are
  /// among the others.
  private func addAttributes(of content: Content, at place: Layout.Extent, in image: String)
    throws(Failure)
  {
    var commands = ""
    // Empty values and long ones come from files.
    let values = image + ".attributes"
    var count = 0
    let entries = [try content.walk.rootEntry()] + content.walk.entries
    for entry in entries where entry.isRegular || entry.isDirectory {
      for xattr in try Xattrs.read(content.walk.whole(entry.path))
      where xattr.name != "security.capability" {
        guard ByteString(entry.path).text != nil else {
          throw Failure(
            "write", "the attribute \(xattr.name) of /\(ByteString(entry.path).shown)",
            cause: "the file's name is not UTF-8, which debugfs requires",
            remedy: "rename the file, or remove the attribute, in a script module")
        }
        let path = "/" + String(decoding: entry.path, as: UTF8.self)
        let line: String
        if 1...256 ~= xattr.value.count {
          let value = xattr.value.map { byte in
            let digits = String(byte, radix: 8)
            return "\\" + String(repeating: "0", count: 3 - digits.utf8.count) + digits
          }
          line = "ea_set \"\(path)\" \(xattr.name) \(value.joined())\n"
        } else {
          count += 1
          try Files.makeDirectories(values)
          try Files.write(xattr.value, to: "\(values)/\(count)")
          line = "ea_set -f \(values)/\(count) \"\(path)\" \(xattr.name)\n"
        }
        // debugfs reads its commands into a buffer of BUFSIZ bytes.
        guard line.utf8.count < 8192, ByteString(entry.path).text != nil,
          !entry.path.contains(where: { $0 == UInt8(ascii: "\"") || $0 < 0x20 }),
          xattr.name.bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") })
        else {
          throw Failure(
            "write", "the attribute \(xattr.name) of \(shown(path))",
            cause: "debugfs cannot handle its name or the file's name",
            remedy: "remove the attribute in a script module, or use Btrfs")
        }
        commands += line
      }
    }
    if commands.isEmpty { return }
    let said = try Command(
      ["debugfs", "-w", "-f", "-", "\(image)?offset=\(place.start)"], input: Array(commands.utf8)
    ).runLogged()
    if count > 0 { try Files.removeTree(values) }
    // Its exit status is 0 whatever happens. It repeats each command; other lines are complaints.
    let complaints = said.split(separator: "\n").filter { !$0.hasPrefix("debugfs") }
    guard complaints.isEmpty else {
      throw Failure(
        "write", "extended attributes", cause: complaints.joined(separator: "\n"))
    }
  }
}
