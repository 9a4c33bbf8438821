internal import Files
package import Glibc
package import Model

/// Every file below a folder, sorted by the bytes of its path, so that folders come before what is
/// in them and the order of the host's file system does not show.
package struct Walk {
  /// One file: its path below the root, without a slash at either end, and what lstat(2) says.
  package struct Entry {
    package var path: [UInt8]
    package var information: stat

    package var isDirectory: Bool { information.st_mode & S_IFMT == S_IFDIR }
    package var isRegular: Bool { information.st_mode & S_IFMT == S_IFREG }
  }

  package let root: [UInt8]
  package private(set) var entries: [Entry] = []

  /// - Parameters:
  ///   - root: The folder, which is not an entry itself.
  ///   - hollow: Paths below the root, written as in `Entry`, of folders whose content is left out.
  ///   - kept: Paths of folders in these that are not left out, but hollow, too.
  /// - Throws: When a folder cannot be read.
  package init(_ root: String, hollow: Set<[UInt8]> = [], keeping kept: Set<[UInt8]> = [])
    throws(Failure)
  {
    self.root = Array(root.utf8)
    var waiting: [[UInt8]] = [[]]
    while let folder = waiting.popLast() {
      let isHollow = hollow.contains(folder)
      for name in try Self.names(in: whole(folder)) {
        let path = folder.isEmpty ? name : folder + [slash] + name
        if isHollow, !kept.contains(path) { continue }
        let entry = Entry(path: path, information: try Self.look(whole(path)))
        if isHollow, !entry.isDirectory { continue }
        entries.append(entry)
        // A folder that nothing of is kept need not be read.
        let isNeeded = !isHollow && (!hollow.contains(path) || !kept.isEmpty)
        if entry.isDirectory, isNeeded { waiting.append(path) }
      }
    }
    entries.sort { $0.path.lexicographicallyPrecedes($1.path) }
  }

  /// The same folder with fewer entries.
  package func keeping(_ isKept: (Entry) -> Bool) -> Walk {
    var copy = self
    copy.entries.removeAll { !isKept($0) }
    return copy
  }

  /// A path with the root before it.
  package func whole(_ path: [UInt8]) -> [UInt8] { path.isEmpty ? root : root + [slash] + path }

  /// What lstat(2) says of the root.
  package func rootInformation() throws(Failure) -> stat { try Self.look(root) }

  /// The root as an entry, without a path.
  package func rootEntry() throws(Failure) -> Entry {
    Entry(path: [], information: try rootInformation())
  }

  private static func look(_ path: [UInt8]) throws(Failure) -> stat {
    var info = stat()
    guard withCPath(path, { lstat($0, &info) }) == 0 else { throw .system("inspect", text(path)) }
    return info
  }

  private static func names(in path: [UInt8]) throws(Failure) -> [[UInt8]] {
    let raw = withCPath(path) { Glibc.open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard raw >= 0 else { throw .system("list", text(path)) }
    let folder = FileDescriptor(owning: raw)
    return try Files.entries(ofOpen: folder.raw, text(path)).map(\.name.bytes)
  }
}

private let slash = UInt8(ascii: "/")

/// A path for people.
func text(_ path: [UInt8]) -> String { ByteString(path).abridged }

/// Calls `body` with a path as C has it.
func withCPath<Result>(_ path: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
  (path.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { buffer in
    guard let base = buffer.baseAddress else { return body("") }
    return body(base)
  }
}

/// The same of a name or a path.
package func withCPath<Result>(_ path: ByteString, _ body: (UnsafePointer<CChar>) -> Result)
  -> Result
{
  withCPath(path.bytes, body)
}
