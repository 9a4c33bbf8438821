/// A text without the logins of the addresses in it: `http://ann:secret@host/` becomes `http://***@host/`.
///
/// Errors of apt, skopeo and libcurl quote addresses, and so do ours; all of them are seen by others, in the logs of a CI.
package func withoutLogins(_ text: String) -> String {
  guard text.utf8.contains(UInt8(ascii: "@")) else { return text }
  let bytes = Array(text.utf8)
  var shown: [UInt8] = []
  var end = 0
  for login in logins(in: bytes) {
    shown += bytes[end..<login.lowerBound] + Array("***".utf8)
    end = login.upperBound
  }
  return String(decoding: shown + bytes[end...], as: UTF8.self)
}

/// The same with a star for each character, for a text in which places are pointed at.
package func withStarsForLogins(_ text: String) -> String {
  guard text.utf8.contains(UInt8(ascii: "@")) else { return text }
  let bytes = Array(text.utf8)
  var shown: [UInt8] = []
  var end = 0
  for login in logins(in: bytes) {
    let length = String(decoding: bytes[login], as: UTF8.self).unicodeScalars.count
    shown += bytes[end..<login.lowerBound] + [UInt8](repeating: UInt8(ascii: "*"), count: length)
    end = login.upperBound
  }
  return String(decoding: shown + bytes[end...], as: UTF8.self)
}

/// A line of a recipe with a star for each character of logins and of what is given as `password-hash`, which may be the
/// password itself.
package func withStarsForSecrets(_ line: String) -> String {
  let line = withStarsForLogins(line)
  guard let key = line.firstRange(of: "password-hash") else { return line }
  var hidden = String.UnicodeScalarView()
  var isValue = false
  var isOver = false
  for scalar in line[key.upperBound...].unicodeScalars {
    isOver = isOver || isValue && (scalar == "}" || scalar == ",")
    let isShown = isOver || !isValue || scalar == " "
    hidden.append(isShown ? scalar : "*")
    if scalar == ":" { isValue = true }
  }
  return String(line[..<key.upperBound]) + String(hidden)
}

/// What stands between `://` and the `@` of an address.
private func logins(in bytes: [UInt8]) -> [Range<Int>] {
  let mark = Array("://".utf8)
  var found: [Range<Int>] = []
  var place = 0
  while place + mark.count < bytes.count {
    guard bytes[place..<place + mark.count].elementsEqual(mark) else {
      place += 1
      continue
    }
    let start = place + mark.count
    let word = bytes[start...].prefix { $0 > 0x20 && !"'\"<>".utf8.contains($0) }
    let authority = word.prefix { !"/?#".utf8.contains($0) }
    if let at = authority.lastIndex(of: UInt8(ascii: "@")) {
      // `docker://debian:trixie@sha256:…` has a digest there, and no server.
      let isDigest =
        bytes[..<place].reversed().starts(with: "docker".utf8.reversed())
        && bytes[(at + 1)...].starts(with: "sha256:".utf8)
      if !isDigest { found.append(start..<at) }
    } else if !endsInPort(authority), let at = word.firstIndex(of: UInt8(ascii: "@")) {
      // A password with a slash that should have been escaped.
      found.append(start..<at)
    }
    place = word.endIndex
  }
  return found
}

/// Whether what follows the last colon of a server's name is a number, or there is none.
private func endsInPort(_ authority: ArraySlice<UInt8>) -> Bool {
  guard let colon = authority.lastIndex(of: UInt8(ascii: ":")) else { return true }
  let rest = authority[(colon + 1)...]
  return rest.contains(UInt8(ascii: "]"))
    || rest.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
}
