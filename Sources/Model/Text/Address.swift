/// Where a file is, on a server or on this machine: a URL of http, https or file, without a login.
///
/// It is read byte by byte and by one reader, so that what is checked is what is asked: nothing is left for libcurl to
/// understand in another way.
package struct Address: Sendable, Equatable {
  package enum Scheme: String, Sendable { case http, https, file }

  package var scheme: Scheme
  /// In lower case, without a port; an address of IPv6 with its brackets; empty for a file.
  package var host: String
  /// Of the server; the scheme's own where none is written.
  package var port: Int
  /// The path with all behind it, as it is written.
  package var path: String
  /// The whole, as it is written.
  package var text: String

  /// Why a text is not such an address, without the text itself.
  package struct Flaw: Error, Sendable, Equatable {
    package var problem: String
    package var remedy: String
  }

  /// - Throws: What is wrong with it.
  package init(_ text: String) throws(Flaw) {
    let bytes = Array(text.utf8)
    guard bytes.allSatisfy({ $0 > 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "\\") }) else {
      throw Flaw(
        problem: "it contains a space, a control character or a backslash",
        remedy: "write such characters as '%' and two hexadecimal digits")
    }
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
      let scheme = Scheme(rawValue: Self.text(bytes[..<colon]).lowercased())
    else {
      throw Flaw(
        problem: "its scheme is not http, https or file",
        remedy: "write it as https://HOST/PATH, or file:///PATH for a file of this machine")
    }
    var rest = bytes[(colon + 1)...]
    var authority: ArraySlice<UInt8> = []
    if rest.starts(with: "//".utf8) {
      rest = rest.dropFirst(2)
      authority = rest.prefix { !"/?#".utf8.contains($0) }
      rest = rest[authority.endIndex...]
    } else if scheme != .file {
      throw Flaw(problem: "it names no server", remedy: "write it as \(scheme)://HOST/PATH")
    }
    guard !authority.contains(UInt8(ascii: "@")) else { throw Self.login }
    self.scheme = scheme
    self.text = text
    path = Self.text(rest)
    if scheme == .file {
      guard rest.first == UInt8(ascii: "/"),
        ["", "localhost"].contains(Self.text(authority).lowercased())
      else {
        throw Flaw(
          problem: "it is not the absolute path of a file on this machine",
          remedy: "write it as file:///PATH")
      }
      (host, port) = ("", 0)
      return
    }
    var name = authority
    var port = scheme == .https ? 443 : 80
    if let last = authority.lastIndex(of: UInt8(ascii: ":")),
      !authority[last...].contains(UInt8(ascii: "]"))
    {
      guard let number = UInt16(Self.text(authority[(last + 1)...])), number > 0 else {
        throw Flaw(problem: "its port is not a number up to 65535", remedy: "correct the port")
      }
      port = Int(number)
      name = authority[..<last]
    }
    guard Self.isHost(name) else {
      throw Flaw(
        problem: "its host name contains invalid characters",
        remedy: "write it with letters, digits, '-' and '.'")
    }
    host = Self.text(name).lowercased()
    self.port = port
  }

  /// Addresses end up in manifests and messages, which are shared.
  private static let login = Flaw(
    problem: "it contains a user name or password, which everyone who sees the URL could read",
    remedy:
      "remove it, and put the login into /etc/apt/auth.conf.d or ~/.netrc, or use 'skopeo login'")

  private static func isHost(_ name: ArraySlice<UInt8>) -> Bool {
    if name.first == UInt8(ascii: "["), name.last == UInt8(ascii: "]"), name.count > 2 {
      return name.dropFirst().dropLast().allSatisfy { "0123456789abcdefABCDEF:.".utf8.contains($0) }
    }
    return !name.isEmpty
      && name.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "-._".utf8.contains(byte)
        }
      }
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes, as: UTF8.self)
  }

  /// What a server is known by: scheme, host and port; another origin is another server.
  package var origin: String { "\(scheme.rawValue)://\(host):\(port)" }

  /// Host and port as people and login files write them: the scheme's own port is left out.
  package var server: String {
    port == (scheme == .https ? 443 : 80) ? host : "\(host):\(port)"
  }

  /// Whether the server is this machine: nobody is on the way there.
  package var isLoopback: Bool {
    if ["localhost", "[::1]"].contains(host) { return true }
    let parts = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0].elementsEqual("127".utf8)
      && parts.allSatisfy { UInt8(String(decoding: $0, as: UTF8.self)) != nil }
  }

  /// Whether what is sent there is read by nobody else.
  package var isPrivate: Bool { scheme == .https || isLoopback }

  /// The file's path, with its escapes resolved; nil for a server's, and for one with a query or a NUL.
  package var filePath: ByteString? {
    guard scheme == .file else { return nil }
    var bytes: [UInt8] = []
    var rest = Array(path.utf8)[...]
    while let byte = rest.popFirst() {
      if "?#".utf8.contains(byte) { return nil }
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let value = UInt8(Self.text(rest.prefix(2)), radix: 16), value != 0, rest.count >= 2
      else { return nil }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return ByteString(bytes)
  }
}
