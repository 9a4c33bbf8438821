internal import Files
internal import Glibc
package import Model

/// The logins for servers that apt_auth.conf(5) and `~/.netrc` keep, in the form that both have.
///
/// An entry is for one server, and for https, or for this machine, unless it names another scheme, as apt has it. An
/// entry `default` counts for nothing: it would go to whichever server a manifest names.
package struct HostLogins: Sendable, Equatable {
  private var entries: [Entry] = []

  private struct Entry: Sendable, Equatable {
    /// `[SCHEME://]HOST[:PORT][/PATH]`; empty where it is for nobody.
    var machine: String
    var user = ""
    var password = ""
  }

  /// - Parameter text: What such a file has.
  package init(_ text: String) {
    var words = Self.words(text)[...]
    while let word = words.popFirst() {
      switch word {
      case "machine": entries.append(Entry(machine: words.popFirst() ?? ""))
      case "default": entries.append(Entry(machine: ""))
      case "login" where !entries.isEmpty:
        entries[entries.count - 1].user = words.popFirst() ?? ""
      case "password" where !entries.isEmpty:
        entries[entries.count - 1].password = words.popFirst() ?? ""
      case "account", "login", "password": _ = words.popFirst()
      default: continue
      }
    }
  }

  /// The words of a text, without comments and macros.
  private static func words(_ text: String) -> [String] {
    var words: [String] = []
    var isMacro = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let parts = line.split(whereSeparator: \.isWhitespace).map(String.init)
      // A macro ends with an empty line.
      if isMacro, !parts.isEmpty { continue }
      isMacro = parts.contains("macdef")
      if isMacro || parts.first?.hasPrefix("#") ?? true { continue }
      words += parts
    }
    return words
  }

  /// The login for an address as RFC 7617 has it in Base64; nil where there is none.
  package func login(for address: Address) -> String? {
    entries.first { Self.isFor(address, $0.machine) && !$0.user.isEmpty }
      .map { base64(Array("\($0.user):\($0.password)".utf8)) }
  }

  private static func isFor(_ address: Address, _ machine: String) -> Bool {
    var rest = machine[...]
    if let mark = machine.firstRange(of: "://") {
      guard machine[..<mark.lowerBound] == address.scheme.rawValue else { return false }
      rest = machine[mark.upperBound...]
    } else if !address.isPrivate {
      return false
    }
    let server = rest.prefix { $0 != "/" }.lowercased()
    let path = rest.drop { $0 != "/" }
    return [address.host, "\(address.host):\(address.port)"].contains(server)
      && !server.isEmpty && address.path.utf8.starts(with: path.utf8)
  }

  /// What this machine and this user keep, the closest file first.
  package static func kept() -> [HostLogins] {
    files.compactMap { LoginFile.read($0) }
      .map { HostLogins(String(decoding: $0, as: UTF8.self)) }
  }

  /// The files in which logins are looked for.
  static var files: [String] {
    let folder = "/etc/apt/auth.conf.d"
    let names = ((try? Files.names(in: folder)) ?? []).filter { $0.hasSuffix(".conf") }
    let home = getenv("HOME").map { String(cString: $0) } ?? "/root"
    return ["/etc/apt/auth.conf"] + names.map { "\(folder)/\($0)" } + ["\(home)/.netrc"]
  }
}
