internal import Files
internal import Glibc
internal import Model

extension Report {
  /// The largest file of which a line is shown, in bytes.
  private static let sourceLimit = 4 << 20

  /// The text of a file, to show the line that a diagnostic is about; nil where it is no regular file: what came through
  /// a pipe has been read, and would be waited for.
  package static func source(_ file: String) -> String? {
    guard let open = try? FileDescriptor.open(file, O_RDONLY | O_NONBLOCK | O_NOCTTY),
      let info = try? open.information(), info.st_mode & S_IFMT == S_IFREG,
      let bytes = try? open.readAll(limit: sourceLimit)
    else { return nil }
    // A byte order mark is not counted among the columns.
    let text = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes[3...] : bytes[...]
    return String(decoding: text, as: UTF8.self)
  }
}
