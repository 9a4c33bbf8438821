internal import CLinux
internal import Glibc
package import Model

extension ByteString {
  /// Calls `body` with the bytes as C has them; a NUL ends them there.
  package func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
    var ended = bytes
    ended.append(0)
    return ended.withUnsafeBytes { buffer in
      // Never empty: it has the NUL at least.
      buffer.withMemoryRebound(to: CChar.self) { text in
        text.baseAddress.map(body) ?? body("")
      }
    }
  }

  /// The path for people: of a long one only its beginning and end.
  package var abridged: String {
    let (limit, start, end) = (400, 200, 100)
    guard bytes.count > limit else { return shown }
    let left = bytes.count - start - end
    return "\(Model.shown(bytes.prefix(start)))…(\(left) bytes)…\(Model.shown(bytes.suffix(end)))"
  }
}

/// One name that a folder has.
package struct FolderEntry: Sendable {
  package var name: ByteString
  /// Nil where the file system does not say.
  package var isFolder: Bool?
}

extension Files {
  /// What a folder has in it, sorted by the bytes of the names.
  ///
  /// - Parameters:
  ///   - folder: Open for reading; where it was read to does not matter.
  ///   - label: What the folder is called in a failure.
  /// - Returns: All but `.` and `..`.
  /// - Throws: When it cannot be read.
  package static func entries(ofOpen folder: Int32, _ label: @autoclosure () -> String)
    throws(Failure) -> [FolderEntry]
  {
    let copy = fcntl(folder, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0, let stream = fdopendir(copy) else {
      let failure = Failure.system("list", label())
      if copy >= 0 { close(copy) }
      throw failure
    }
    defer { closedir(stream) }
    // A copy of a descriptor shares its place in the file.
    rewinddir(stream)
    var entries: [FolderEntry] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        guard errno == 0 else { throw .system("list", label()) }
        break
      }
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { ByteString($0.prefix { $0 != 0 }) }
      if name == "." || name == ".." { continue }
      let type = Int(entry.pointee.d_type)
      entries.append(
        FolderEntry(name: name, isFolder: type == Int(DT_UNKNOWN) ? nil : type == Int(DT_DIR)))
    }
    return entries.sorted { $0.name < $1.name }
  }

  /// The names in a folder, whatever bytes they are, sorted by these.
  package static func entries(in path: String) throws(Failure) -> [ByteString] {
    let raw = retrying { Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard raw >= 0 else { throw .system("list", path) }
    let folder = FileDescriptor(owning: raw)
    return try entries(ofOpen: folder.raw, path).map(\.name)
  }

  /// The names in a folder of our own, sorted by their bytes.
  ///
  /// - Throws: Also when a name is not UTF-8, as none of ours is.
  package static func names(in path: String) throws(Failure) -> [String] {
    var names: [String] = []
    for name in try entries(in: path) {
      guard let text = name.text else {
        throw Failure(
          "list", path, cause: "the name '\(name.shown)' is not UTF-8", remedy: "rename that file")
      }
      names.append(text)
    }
    return names
  }
}
