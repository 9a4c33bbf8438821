internal import Files
internal import Glibc
internal import Hashing
internal import Model
internal import Runner
internal import Trees

extension FileTree {
  /// The files of a cpio archive ("newc"), or of several that follow each other, each compressed or
  /// not, as an initramfs has them (buffer-format.rst of the kernel).
  ///
  /// - Throws: When it is damaged.
  init(cpio path: String, in scratch: Scratch) throws(Failure) {
    var reading = CpioReading()
    var next: String? = path
    var count = 0
    while let path = next {
      count += 1
      guard count <= Limits.nested else {
        throw Failure(
          "read", path, cause: "it has more archives in a row than the limit of \(Limits.nested)")
      }
      guard let rest = try reading.read(path) else { break }
      let (place, kind) = try scratch.rest(of: path, from: rest)
      switch kind {
      case .cpio: next = place
      case .compressed(let compression):
        next = try scratch.decompressed(place, by: compression)
      default:
        throw Failure(
          "read", path, cause: "the data after its archive, at byte \(rest), is not an archive")
      }
    }
    try reading.hash()
    listing = Listing(reading.entries.values.map(\.self), files: reading.links)
    let contents = reading.contents
    self.contents = { paths, folder throws(Failure) in
      var places: [ByteString: String] = [:]
      for (index, path) in paths.enumerated() {
        guard let content = contents[path] else { continue }
        places[path] = "\(folder)/\(index)"
        let file = try FileDescriptor.open("\(folder)/\(index)", O_WRONLY | O_CREAT | O_EXCL)
        try content.forEachPiece { (bytes) throws(Failure) in try file.write(bytes) }
      }
      return places
    }
  }
}

/// Reads archives of files that go into one tree.
struct CpioReading {
  struct Content {
    var archive: String
    var offset: Int
    var size: Int

    func forEachPiece(_ body: ([UInt8]) throws(Failure) -> Void) throws(Failure) {
      let file = try FileDescriptor.openRegular(archive)
      var done = 0
      while done < size {
        let bytes = try file.read(min(1 << 18, size - done), at: offset + done)
        guard !bytes.isEmpty else {
          throw Failure("read", archive, cause: "it shrank while it was read")
        }
        try body(bytes)
        done += bytes.count
      }
    }
  }

  /// What tells a file with several names.
  struct Identity: Hashable {
    var archive: String
    var device: [Int]
    var inode: Int
  }

  var entries: [ByteString: Listing.Entry] = [:]
  var contents: [ByteString: Content] = [:]
  var links: [ByteString: Identity] = [:]

  /// - Returns: Where the next archive begins; nil where nothing but zeros follows.
  mutating func read(_ path: String) throws(Failure) -> Int? {
    let file = try FileDescriptor.openRegular(path)
    let end = try file.size()
    var position = 0
    while true {
      let header = try file.read(110, at: position)
      func damaged(_ cause: String) -> Failure {
        Failure("read", path, cause: "\(cause) at byte \(position)")
      }
      guard header.count == 110, header.starts(with: Array("07070".utf8)) else {
        throw damaged("it has no cpio header")
      }
      // Thirteen numbers of eight hexadecimal digits follow the magic number: each goes forward.
      var fields: [Int] = []
      for index in 0..<13 {
        guard let value = number(header[6 + 8 * index..<14 + 8 * index], radix: 16) else {
          throw damaged("it has a cpio header with a number that is not hexadecimal")
        }
        fields.append(value)
      }
      let (size, nameLength) = (fields[6], fields[11])
      guard 1...Limits.path + 1 ~= nameLength else {
        throw damaged(
          "it has a name of \(nameLength) bytes, more than Linux allows (\(Limits.path)),")
      }
      let content = (position + 110 + nameLength + 3) & ~3
      guard content + size <= end else { throw damaged("it ends in the middle of a file") }
      let name = ByteString(
        try file.read(nameLength, at: position + 110).prefix { $0 != 0 })
      position = (content + size + 3) & ~3
      if name == "TRAILER!!!" { break }
      guard entries.count < Limits.entries else {
        throw damaged("it has more files than the limit of \(Limits.entries) for an archive,")
      }
      try add(name, fields, Content(archive: path, offset: content, size: size))
    }
    while position < end {
      let bytes = try file.read(1 << 16, at: position)
      if bytes.isEmpty { break }
      if let first = bytes.firstIndex(where: { $0 != 0 }) { return position + first }
      position += bytes.count
    }
    return nil
  }

  private mutating func add(_ name: ByteString, _ fields: [Int], _ content: Content)
    throws(Failure)
  {
    let path = name.place
    let kind: Listing.Kind
    contents[path] = nil
    links[path] = nil
    // Eight digits are 32 bits.
    let values = fields.map { UInt32(truncatingIfNeeded: $0) }
    switch values[1] & S_IFMT {
    case S_IFDIR: kind = .folder(opaque: false)
    case S_IFLNK:
      guard content.size <= Limits.path else {
        throw Failure(
          "read", content.archive,
          cause: "the link '\(path.brief)' has a target of \(content.size) bytes,"
            + " more than Linux allows (\(Limits.path))")
      }
      var target: [UInt8] = []
      try content.forEachPiece { target += $0 }
      kind = .link(target: ByteString(target))
    case S_IFCHR, S_IFBLK:
      kind = .device(
        isBlock: values[1] & S_IFMT == S_IFBLK, major: values[9], minor: values[10])
    case S_IFIFO: kind = .pipe
    case S_IFSOCK: kind = .socket
    default:
      kind = .file(size: 0, digest: SHA256.digest([]))
      contents[path] = content
    }
    if fields[4] > 1, values[1] & S_IFMT != S_IFDIR {
      links[path] = Identity(
        archive: content.archive, device: Array(fields[7...8]), inode: fields[0])
    }
    entries[path] = Listing.Entry(
      path: path, kind: kind, mode: values[1] & 0o7777, owner: values[2], group: values[3],
      modified: Listing.Moment(seconds: fields[5], nanoseconds: 0), attributes: [])
  }

  /// Reads what files have in them; of those with several names, only one has it.
  mutating func hash() throws(Failure) {
    var filled: [Identity: Content] = [:]
    for (path, content) in contents where content.size > 0 {
      if let identity = links[path] { filled[identity] = content }
    }
    var digests: [Identity: Digest] = [:]
    for (path, content) in contents {
      let identity = links[path]
      let full = identity.flatMap { filled[$0] } ?? content
      contents[path] = full
      // Any number of names may have the same content, which then is read once.
      if let digest = identity.flatMap({ digests[$0] }) {
        entries[path]?.kind = .file(size: full.size, digest: digest)
        continue
      }
      let hash = SHA256()
      try full.forEachPiece { hash.update($0) }
      let digest = hash.finish()
      if let identity { digests[identity] = digest }
      entries[path]?.kind = .file(size: full.size, digest: digest)
    }
  }
}
