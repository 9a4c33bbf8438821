internal import Model

/// Reads what apt-get prints.
enum AptOutput {
  /// The packages of `apt-get --print-uris install`.
  ///
  /// Each has a line of four fields, `'URL' FILE SIZE SHA256:HEX`, and the file's name is
  /// NAME_VERSION_ARCHITECTURE.deb with `%` escapes. Of a file of this machine apt gives no digest:
  /// `local` knows it by the URL.
  static func packages(_ text: String, local: (String) -> Digest? = { _ in nil }) throws(Failure)
    -> [Package]
  {
    var packages: [Package] = []
    for line in text.split(separator: "\n") where line.hasPrefix("'") {
      guard let package = package(line, local) else {
        throw Failure(
          "read", "apt-get's list of files", cause: "unexpected line '\(line)'",
          remedy:
            "if a repository of the recipe has that file, its package index is wrong: check its"
            + " Filename, Size and SHA256")
      }
      packages.append(package)
    }
    return packages
  }

  private static func package(_ line: Substring, _ local: (String) -> Digest?) -> Package? {
    let fields = line.split(separator: " ")
    guard fields.count == 3 || fields.count == 4, fields[0].count > 2, fields[0].hasSuffix("'"),
      let size = Int(fields[2]), fields[1].hasSuffix(".deb")
    else { return nil }
    let url = String(fields[0].dropFirst().dropLast())
    let sum = fields.count == 4 && fields[3].hasPrefix("SHA256:") ? fields[3].dropFirst(7) : ""
    guard let digest = Digest(hex: sum) ?? local(url) else { return nil }
    let parts = fields[1].dropLast(4).split(separator: "_")
    guard parts.count == 3 else { return nil }
    return Package(
      name: unescaped(parts[0]), version: unescaped(parts[1]), architecture: unescaped(parts[2]),
      file: String(fields[1]), size: size, digest: digest,
      url: url)
  }

  /// The names in a list that apt-get indents below a line.
  static func paragraph(after line: String, _ text: String) -> [String] {
    let lines = text.split(separator: "\n").drop { $0 != line }.dropFirst()
    return lines.prefix { $0.hasPrefix(" ") }.flatMap { $0.split(separator: " ") }.map(String.init)
  }

  static func unescaped(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The names behind a verb (`Inst`, `Conf`) of `apt-get --simulate install`, in order; those of a
  /// foreign architecture with it.
  static func order(_ verb: String, _ text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ", maxSplits: 2)
      guard words.count >= 2, words[0] == verb else { return nil }
      return String(words[1])
    }
  }

  /// The names behind `Remv` and `Purg`, in order; those of a foreign architecture with it.
  static func removed(_ text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ", maxSplits: 2)
      guard words.count >= 2, words[0] == "Remv" || words[0] == "Purg" else { return nil }
      return String(words[1])
    }
  }

  /// The words that follow each `prefix` at the begin of a line, without quotes.
  static func words(after prefix: String, _ text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      guard line.hasPrefix(prefix) else { return nil }
      let word = line.dropFirst(prefix.count).prefix { $0 != " " }
      return String(word.filter { $0 != "'" && $0 != "\"" })
    }
  }
}
