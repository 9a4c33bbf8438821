internal import Ext2
internal import Files
internal import Glibc
internal import Hashing
internal import Model
internal import Runner

extension FileTree {
  /// The files of an ext2, ext3 or ext4 file system.
  ///
  /// - Parameter path: The file that has it.
  /// - Throws: When it is damaged.
  init(ext path: String) throws(Failure) {
    var reading = ExtReading(try Ext2(path))
    try reading.read(Ext2.root, at: ".")
    let inodes = reading.inodes
    listing = Listing(reading.entries, files: reading.links)
    contents = { paths, folder throws(Failure) in
      let system = try Ext2(path)
      var places: [String: String] = [:]
      for (index, path) in paths.enumerated() {
        guard let inode = inodes[path] else { continue }
        let place = "\(folder)/\(index)"
        let file = try FileDescriptor.open(place, O_WRONLY | O_CREAT | O_EXCL)
        try system.read(inode) { (bytes) throws(Failure) in try file.write(bytes) }
        places[path] = place
      }
      return places
    }
  }
}

/// Goes through all folders of a file system.
private struct ExtReading: ~Copyable {
  let system: Ext2
  var entries: [Listing.Entry] = []
  /// By path.
  var inodes: [String: UInt32] = [:]
  /// The same, of those that have several names.
  var links: [String: UInt32] = [:]
  private var folders: Set<UInt32> = []
  private var digests: [UInt32: Digest] = [:]

  init(_ system: consuming Ext2) { self.system = system }

  mutating func read(_ number: UInt32, at path: String) throws(Failure) {
    let inode = try system.inode(number)
    let isFolder = inode.mode & S_IFMT == S_IFDIR
    entries.append(
      Listing.Entry(
        path: path, kind: try kind(of: number, inode), mode: inode.mode & 0o7777,
        owner: inode.owner, group: inode.group,
        modified: Listing.Moment(seconds: inode.seconds, nanoseconds: inode.nanoseconds),
        attributes: try system.attributes(number).map { name, value in
          ExtendedAttribute(name: name, value: value)
        }.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }))
    inodes[path] = number
    if !isFolder, inode.links > 1 { links[path] = number }
    // A folder that is in itself is damage, and would have no end.
    guard isFolder, folders.insert(number).inserted else { return }
    for name in try system.names(in: number) {
      if path == ".", name.name == "lost+found" { continue }
      try read(name.inode, at: path == "." ? name.name : "\(path)/\(name.name)")
    }
  }

  private mutating func kind(of number: UInt32, _ inode: Ext2.Inode) throws(Failure)
    -> Listing.Kind
  {
    switch inode.mode & S_IFMT {
    case S_IFDIR: return .folder(opaque: false)
    case S_IFREG: return .file(size: inode.size, digest: try digest(of: number))
    case S_IFLNK: return .link(target: try system.linkTarget(number))
    case S_IFBLK, S_IFCHR:
      return .device(
        isBlock: inode.mode & S_IFMT == S_IFBLK, major: inode.major, minor: inode.minor)
    case S_IFIFO: return .pipe
    default: return .socket
    }
  }

  private mutating func digest(of number: UInt32) throws(Failure) -> Digest {
    if let digest = digests[number] { return digest }
    let hash = SHA256()
    try system.read(number) { (bytes) throws(Failure) in hash.update(bytes) }
    let digest = hash.finish()
    digests[number] = digest
    return digest
  }
}
