internal import Glibc

/// The bottom lines of a terminal, which are written again and again in place.
///
/// The escapes are those of ECMA-48: CUU (`A`), ED (`J`), EL (`K`), and DECTCEM (`?25`) for the cursor.
struct Screen: Sendable {
  private let descriptor: Int32
  private var drawn: [String] = []
  private var isCursorHidden = false

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// In columns and rows; asked each time, as people change it.
  var size: (width: Int, height: Int) {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
      return (80, 24)
    }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// Writes lines that stay, and below them those that do not.
  mutating func draw(staying: [String], live: [String]) {
    guard !staying.isEmpty || live != drawn else { return }
    var text = Self.frame(over: drawn, width: size.width, staying: staying, live: live)
    if !isCursorHidden && !live.isEmpty { text = "\u{1b}[?25l" + text }
    if isCursorHidden && live.isEmpty { text += "\u{1b}[?25h" }
    isCursorHidden = !live.isEmpty
    drawn = live
    writeAll(text, to: descriptor)
  }

  /// What turns one picture into the next, on a terminal that is so wide now.
  ///
  /// Lines of the last picture that are longer were wrapped when it became narrow.
  static func frame(over drawn: [String], width: Int, staying: [String], live: [String]) -> String {
    let rows = drawn.reduce(0) { $0 + max(1, ($1.count + width - 1) / width) }
    var text = rows > 0 ? "\r\u{1b}[\(rows)A" : "\r"
    if !staying.isEmpty { text += "\u{1b}[J" + staying.map { $0 + "\n" }.joined() }
    for line in live { text += line + "\u{1b}[K\n" }
    return text + "\u{1b}[J"
  }
}

/// Writes a text, whole, where that is possible; nobody can be told where it is not.
func writeAll(_ text: String, to descriptor: Int32) {
  var rest = Array(text.utf8)[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if count < 0 && errno != EINTR { return }
    rest = rest.dropFirst(max(0, count))
  }
}
