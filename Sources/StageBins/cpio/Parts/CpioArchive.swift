internal import Files
internal import Glibc
internal import Model
internal import StageKit

/// A tree as a cpio archive of the format `newc` (Linux's
/// Documentation/driver-api/early-userspace/buffer-format.rst), which has no extended attributes.
struct CpioArchive {
  private let walk: Walk

  init(_ walk: Walk) { self.walk = walk }

  func write(to descriptor: Int32, name: String) throws(Failure) {
    var writer = BufferedWriter(to: descriptor, name: name)
    // Names of one file share a number; the last of them has the content, as Linux wants it.
    var left: [FileNumber: nlink_t] = [:]
    for entry in walk.entries where entry.isNamed {
      left[FileNumber(entry), default: 0] += 1
    }
    let all = left
    var numbers: [FileNumber: Int] = [:]
    var next = 1
    try writeRoot(&writer, number: next)
    for entry in walk.entries {
      let info = entry.information
      if info.st_mode & S_IFMT == S_IFSOCK { continue }
      let file = FileNumber(entry)
      var number = numbers[file] ?? 0
      if number == 0 || !entry.isNamed {
        next += 1
        number = next
        numbers[file] = number
      }
      var links = 1
      var isLast = true
      if entry.isNamed {
        links = Int(all[file] ?? 1)
        left[file, default: 1] -= 1
        isLast = left[file] == 0
      }
      try write(entry, number: number, links: links, hasContent: isLast, &writer)
    }
    try writer.write(Header(name: Array("TRAILER!!!".utf8), links: 1).bytes[...])
    try writer.finish()
  }

  private func writeRoot(_ writer: inout BufferedWriter, number: Int) throws(Failure) {
    let info = try walk.rootInformation()
    var header = Header(name: Array(".".utf8), links: 2)
    header.number = number
    header.take(info)
    try writer.write(header.bytes[...])
  }

  private func write(
    _ entry: Walk.Entry, number: Int, links: Int, hasContent: Bool, _ writer: inout BufferedWriter
  ) throws(Failure) {
    let info = entry.information
    var header = Header(name: entry.path, links: entry.isDirectory ? 2 : links)
    header.number = number
    header.take(info)
    switch info.st_mode & S_IFMT {
    case S_IFREG where hasContent:
      // Eight hexadecimal digits are all that a size has.
      guard info.st_size <= UInt32.max else {
        throw Failure(
          "archive", walk.label(of: entry),
          cause: "it has 4 GiB or more, which the format cannot hold",
          remedy: "use tar, squashfs or erofs")
      }
      header.size = Int(info.st_size)
      try writer.write(header.bytes[...])
      try writer.write(walk.open(entry), walk.label(of: entry), size: header.size)
      try writer.pad(header.size)
    case S_IFLNK:
      let target = try walk.linkTarget(of: entry)
      header.size = target.count
      try writer.write(header.bytes[...])
      try writer.write(target[...])
      try writer.pad(target.count)
    default: try writer.write(header.bytes[...])
    }
  }
}

/// What stands before each entry.
private struct Header {
  var name: [UInt8]
  var links: Int
  var number = 0
  var mode = 0
  var owner = 0
  var group = 0
  var time = 0
  var size = 0
  var device = (major: 0, minor: 0)

  init(name: [UInt8], links: Int) {
    self.name = name
    self.links = links
  }

  mutating func take(_ info: stat) {
    mode = Int(info.st_mode)
    owner = Int(info.st_uid)
    group = Int(info.st_gid)
    time = max(0, info.st_mtim.tv_sec)
    let kind = info.st_mode & S_IFMT
    if kind == S_IFCHR || kind == S_IFBLK { device = DeviceNumber.split(info.st_rdev) }
  }

  var bytes: [UInt8] {
    let fields = [
      number, mode, owner, group, links, time, size, 0, 0, device.major, device.minor,
      name.count + 1, 0,
    ]
    var text = "070701"
    for field in fields {
      let digits = String(field, radix: 16, uppercase: true)
      text += String(repeating: "0", count: max(0, 8 - digits.utf8.count)) + digits
    }
    let whole = Array(text.utf8) + name + [0]
    return whole + [UInt8](repeating: 0, count: (4 - whole.count % 4) % 4)
  }
}

/// What makes two names the same file.
private struct FileNumber: Hashable {
  let device: dev_t
  let inode: ino_t

  init(_ entry: Walk.Entry) {
    device = entry.information.st_dev
    inode = entry.information.st_ino
  }
}

extension Walk.Entry {
  /// Whether the file has further names.
  fileprivate var isNamed: Bool { !isDirectory && information.st_nlink > 1 }
}
