internal import Ext2
package import ExtRecord
internal import Files
internal import Glibc
internal import Hashing
package import Model

/// Goes through all folders of a file system, and says what is in them.
package struct ExtWalk: ~Copyable {
  private let system: Ext2
  private let path: String
  private var digests: [UInt32: Digest] = [:]

  /// - Parameter path: The file that has it.
  /// - Throws: When it is damaged.
  package init(_ path: String) throws(Failure) {
    system = try Ext2(path)
    self.path = path
  }

  /// Gives each file, a folder before what is in it.
  package mutating func forEachFile(_ body: (ExtFile) throws(Failure) -> Void) throws(Failure) {
    var waiting: [(path: ByteString, inode: UInt32)] = [("", Ext2.root)]
    // A folder that is in itself is damage, and would have no end.
    var folders: Set<UInt32> = []
    var count = 0
    while let (place, number) = waiting.popLast() {
      count += 1
      guard count <= Limits.entries else {
        throw refusal("it has more files than the limit of \(Limits.entries) for an image")
      }
      let file = try file(number, at: place)
      try body(file)
      guard UInt32(file.mode) & S_IFMT == S_IFDIR, folders.insert(number).inserted else { continue }
      for name in try system.names(in: number) {
        if place.isEmpty, name.name == "lost+found" { continue }
        let path = place.appending(name.name)
        guard path.bytes.count <= Limits.path else {
          throw refusal(
            "the path '\(shown(path.bytes.prefix(60)))…' has more bytes than Linux allows (\(Limits.path))"
          )
        }
        waiting.append((path, name.inode))
      }
    }
  }

  /// Writes the content of a file.
  package func write(_ number: UInt32, to path: String) throws(Failure) {
    let file = try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_EXCL)
    try system.read(number) { (bytes) throws(Failure) in try file.write(bytes) }
  }

  private mutating func file(_ number: UInt32, at path: ByteString) throws(Failure) -> ExtFile {
    let inode = try system.inode(number)
    var file = ExtFile()
    file.inode = Int(number)
    file.mode = Int(inode.mode)
    (file.owner, file.group) = (Int(inode.owner), Int(inode.group))
    (file.size, file.links) = (inode.size, inode.links)
    (file.seconds, file.nanoseconds) = (inode.seconds, inode.nanoseconds)
    (file.major, file.minor) = (Int(inode.major), Int(inode.minor))
    file.path = path
    switch inode.mode & S_IFMT {
    case S_IFREG: file.digest = try digest(of: number)
    case S_IFLNK: file.target = try system.linkTarget(number)
    default: break
    }
    file.attributes = try system.attributes(number).sorted { $0.name < $1.name }
    return file
  }

  private mutating func digest(of number: UInt32) throws(Failure) -> Digest {
    if let digest = digests[number] { return digest }
    let hash = SHA256()
    try system.read(number) { (bytes) throws(Failure) in hash.update(bytes) }
    let digest = hash.finish()
    digests[number] = digest
    return digest
  }

  private func refusal(_ cause: String) -> Failure { Failure("read", path, cause: cause) }
}
