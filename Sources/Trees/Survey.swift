internal import Files
internal import Glibc
internal import Hashing
package import Model

/// The listing of a finished layer's tree as it is now; nothing is changed by looking.
package struct Survey: Sendable {
  package private(set) var listing = Listing([])

  /// - Parameter root: The tree of a finished layer, or any folder.
  /// - Throws: When something in it cannot be read.
  package init(of root: String) throws(Failure) {
    let tree = try OpenTree(root)
    var entries: [Listing.Entry] = []
    /// The inodes of files with several names, by path.
    var inodes: [ByteString: ino_t] = [:]
    var digests: [ino_t: Digest] = [:]
    // What is beyond the limits is found before any of it is hashed.
    try scan(root) { _, _ in }
    try scan(root) { (path, info) throws(Failure) in
      let place = try tree.place(path)
      let attributes = try place.attributes()
      let isNamed = info.st_mode & S_IFMT != S_IFDIR && info.st_nlink > 1
      var kind: Listing.Kind
      if isNamed, let known = digests[info.st_ino] {
        kind = .file(size: Int(info.st_size), digest: known)
      } else {
        kind = try Self.kind(of: place, info, isOpaque: attributes.contains(where: \.isOpaque))
      }
      if isNamed, case .file(_, let digest) = kind { digests[info.st_ino] = digest }
      var entry = Listing.Entry(
        path: path, kind: kind, mode: info.st_mode & 0o7777, owner: info.st_uid,
        group: info.st_gid,
        modified: Listing.Moment(seconds: info.st_mtim.tv_sec, nanoseconds: info.st_mtim.tv_nsec),
        attributes: attributes.filter(\.isContent))
      if entry.kind == .whiteout {
        entry.forgetRest()
      } else if isNamed {
        inodes[path] = info.st_ino
      }
      entries.append(entry)
    }
    listing = Listing(entries, files: inodes)
  }

  private static func kind(of place: Spot, _ info: stat, isOpaque: Bool) throws(Failure)
    -> Listing.Kind
  {
    switch info.st_mode & S_IFMT {
    case S_IFDIR: return .folder(opaque: isOpaque)
    case S_IFREG:
      return .file(size: Int(info.st_size), digest: try SHA256.digest(of: place.open(O_RDONLY)))
    case S_IFLNK: return .link(target: try place.linkTarget())
    case S_IFCHR where info.st_rdev == 0: return .whiteout
    case S_IFBLK, S_IFCHR:
      let (major, minor) = Listing.Kind.numbers(ofDevice: UInt(info.st_rdev))
      return .device(isBlock: info.st_mode & S_IFMT == S_IFBLK, major: major, minor: minor)
    case S_IFIFO: return .pipe
    default: return .socket
    }
  }
}

extension Listing {
  /// A listing of files of which some have several names: the first in order has what is said of the
  /// file.
  ///
  /// - Parameters:
  ///   - entries: Each with what is said of its file.
  ///   - files: Whatever tells the files that have several names from each other, by path.
  package init<File: Hashable>(_ entries: [Entry], files: [ByteString: File]) {
    self.init(entries)
    var first: [File: ByteString] = [:]
    for (index, entry) in self.entries.enumerated() {
      guard let file = files[entry.path] else { continue }
      if let name = first[file] {
        self.entries[index].kind = .hardLink(to: name)
        self.entries[index].forgetRest()
      } else {
        first[file] = entry.path
      }
    }
  }
}

extension Listing.Entry {
  /// Whiteouts and further names have nothing but their path.
  fileprivate mutating func forgetRest() {
    (mode, owner, group) = (0, 0, 0)
    modified = Listing.Moment(seconds: 0, nanoseconds: 0)
    attributes = []
  }
}

extension Listing.Kind {
  /// The numbers as the C library splits them (makedev(3)).
  static func numbers(ofDevice device: UInt) -> (major: UInt32, minor: UInt32) {
    (
      UInt32((device >> 8) & 0xfff | (device >> 32) & 0xffff_f000),
      UInt32(device & 0xff | (device >> 12) & 0xffff_ff00)
    )
  }
}

extension ExtendedAttribute {
  /// `user.` is where an overlay without root has its notes.
  fileprivate var isOpaque: Bool {
    name == "trusted.overlay.opaque" || name == "user.overlay.opaque"
  }
}

extension SHA256 {
  /// The digest of a file's content.
  package static func digest(ofFile path: String) throws(Failure) -> Digest {
    try digest(of: FileDescriptor.open(path, O_RDONLY))
  }

  /// The same of an open file.
  static func digest(of file: borrowing FileDescriptor) throws(Failure) -> Digest {
    let hash = SHA256()
    try file.forEachPiece { (piece) throws(Failure) in hash.update(piece) }
    return hash.finish()
  }
}
