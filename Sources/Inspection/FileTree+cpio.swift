internal import Files
internal import Glibc
internal import Hashing
internal import Model
internal import Runner

extension FileTree {
  /// The files of a cpio archive ("newc"), or of several that follow each other, each compressed or
  /// not, as an initramfs has them (buffer-format.rst of the kernel).
  ///
  /// - Throws: When it is damaged.
  init(cpio path: String, in scratch: Scratch) throws(Failure) {
    var reading = CpioReading()
    var next: String? = path
    while let path = next {
      guard let rest = try reading.read(path) else { break }
      let (place, kind) = try scratch.rest(of: path, from: rest)
      switch kind {
      case .cpio: next = place
      case .compressed(let program):
        next = try scratch.decompressed(place, by: program)
      default:
        throw Failure(
          "read", path, cause: "what follows its archive at byte \(rest) is no archive")
      }
    }
    try reading.hash()
    let contents = reading.contents
    listing = Listing(reading.entries.values.map(\.self), files: reading.links)
    self.contents = { paths, folder throws(Failure) in
      var places: [String: String] = [:]
      for (index, path) in paths.enumerated() {
        guard let content = contents[path] else { continue }
        places[path] = "\(folder)/\(index)"
        try Files.write(try content.bytes(), to: "\(folder)/\(index)")
      }
      return places
    }
  }
}

/// Reads archives of files that go into one tree.
private struct CpioReading {
  struct Content {
    var archive: String
    var offset: Int
    var size: Int

    func bytes() throws(Failure) -> [UInt8] {
      try FileDescriptor.open(archive, O_RDONLY).read(size, at: offset)
    }
  }

  /// What tells a file with several names.
  struct Identity: Hashable {
    var archive: String
    var device: [Int]
    var inode: Int
  }

  var entries: [String: Listing.Entry] = [:]
  var contents: [String: Content] = [:]
  var links: [String: Identity] = [:]

  /// - Returns: Where the next archive begins; nil where nothing but zeros follows.
  mutating func read(_ path: String) throws(Failure) -> Int? {
    let file = try FileDescriptor.open(path, O_RDONLY)
    let end = try file.size()
    var position = 0
    while true {
      let header = try file.read(110, at: position)
      guard header.count == 110, header.starts(with: Array("07070".utf8)) else {
        throw Failure("read", path, cause: "there is no cpio header at byte \(position)")
      }
      // Thirteen numbers of eight hexadecimal digits follow the magic number.
      let fields = (0..<13).map { index in
        Int(String(decoding: header[6 + 8 * index..<14 + 8 * index], as: UTF8.self), radix: 16) ?? 0
      }
      let (size, nameLength) = (fields[6], fields[11])
      let content = (position + 110 + nameLength + 3) & ~3
      guard nameLength > 0, content + size <= end else {
        throw Failure("read", path, cause: "it ends within the file at byte \(position)")
      }
      let name = try file.read(nameLength - 1, at: position + 110)
      position = (content + size + 3) & ~3
      if name.elementsEqual("TRAILER!!!".utf8) { break }
      try add(name, fields, Content(archive: path, offset: content, size: size))
    }
    while position < end {
      let bytes = try file.read(1 << 16, at: position)
      if let first = bytes.firstIndex(where: { $0 != 0 }) { return position + first }
      position += bytes.count
    }
    return nil
  }

  private mutating func add(_ name: [UInt8], _ fields: [Int], _ content: Content) throws(Failure) {
    let parts = name.split(separator: UInt8(ascii: "/")).filter { !$0.elementsEqual(".".utf8) }
    let path =
      parts.isEmpty
      ? "." : parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
    let kind: Listing.Kind
    contents[path] = nil
    links[path] = nil
    switch UInt32(fields[1]) & S_IFMT {
    case S_IFDIR: kind = .folder(opaque: false)
    case S_IFLNK: kind = .link(target: String(decoding: try content.bytes(), as: UTF8.self))
    case S_IFCHR, S_IFBLK:
      kind = .device(
        isBlock: UInt32(fields[1]) & S_IFMT == S_IFBLK, major: UInt32(fields[9]),
        minor: UInt32(fields[10]))
    case S_IFIFO: kind = .pipe
    case S_IFSOCK: kind = .socket
    default:
      kind = .file(size: 0, digest: SHA256.digest([]))
      contents[path] = content
    }
    if fields[4] > 1, UInt32(fields[1]) & S_IFMT != S_IFDIR {
      links[path] = Identity(
        archive: content.archive, device: Array(fields[7...8]), inode: fields[0])
    }
    entries[path] = Listing.Entry(
      path: path, kind: kind, mode: UInt32(fields[1]) & 0o7777, owner: UInt32(fields[2]),
      group: UInt32(fields[3]),
      modified: Listing.Moment(seconds: fields[5], nanoseconds: 0), attributes: [])
  }

  /// Reads what files have in them; of those with several names, only one has it.
  mutating func hash() throws(Failure) {
    var filled: [Identity: Content] = [:]
    for (path, content) in contents where content.size > 0 {
      if let identity = links[path] { filled[identity] = content }
    }
    for (path, content) in contents {
      let full = links[path].flatMap { filled[$0] } ?? content
      contents[path] = full
      entries[path]?.kind = .file(size: full.size, digest: SHA256.digest(try full.bytes()))
    }
  }
}
