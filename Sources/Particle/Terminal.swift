internal import Glibc
internal import Runner

/// The terminal of this program, given to a machine: what is typed goes there byte for byte, Ctrl-C too.
struct Terminal: ~Copyable {
  private let original: termios

  /// - Returns: Nil where standard input is no terminal.
  init?() {
    var settings = termios()
    guard isatty(0) == 1, tcgetattr(0, &settings) == 0 else { return nil }
    let original = settings
    self.original = original
    cfmakeraw(&settings)
    tcsetattr(0, TCSADRAIN, &settings)
    Interrupts.end { Self.giveBack(original) }
  }

  deinit { Self.giveBack(original) }

  /// Takes it back as it was.
  ///
  /// A machine asks a terminal where its cursor is and what it can do. An answer that nobody reads would be typed into the shell
  /// that comes next: they are read here up to one of our own, as a terminal answers in order.
  private static func giveBack(_ original: termios) {
    if isatty(1) == 1 {
      // Attributes, the other screen, mouse and paste reports off; the cursor on; is the terminal well? (DSR of ECMA-48)
      let text = Array(
        "\u{1b}[0m\u{1b}[?1049l\u{1b}[?1000;1002;1003;1006;2004l\u{1b}[?25h\u{1b}[5n".utf8)
      _ = write(1, text, text.count)
      var heard: [UInt8] = []
      var request = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
      while heard.firstRange(of: Array("\u{1b}[0n".utf8)) == nil, poll(&request, 1, 500) == 1 {
        var chunk = [UInt8](repeating: 0, count: 256)
        let count = read(0, &chunk, chunk.count)
        guard count > 0 else { break }
        heard += chunk[..<count]
      }
    }
    var settings = original
    tcsetattr(0, TCSAFLUSH, &settings)
  }
}
