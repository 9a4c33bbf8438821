internal import Deb
internal import Hashing
internal import Model

/// A machine-readable debian/copyright file (DEP-5, copyright-format 1.0).
struct CopyrightFile {
  /// The licences of its files as they stand, each once, in order.
  private var synopses: [String] = []
  /// The full texts, by the licences' names.
  private var texts: [ByteString: String] = [:]

  /// The longest synopsis that is read, in bytes.
  ///
  /// No real one comes close, and the time that reading takes grows with its square.
  private static let longest = 1024

  /// - Returns: Nil for a file that is written for people only.
  init?(_ text: String) {
    let paragraphs = Paragraph.read(text)
    var seen: Set<ByteString> = []
    guard paragraphs.first?["Format"]?.contains("copyright-format") == true else { return nil }
    for paragraph in paragraphs {
      guard let licence = paragraph["License"] else { continue }
      let lines = licence.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
      let synopsis = lines[0].split(separator: " ").joined(separator: " ")
      if lines.count > 1, !synopsis.isEmpty {
        texts[ByteString(synopsis)] = texts[ByteString(synopsis)] ?? String(lines[1])
      }
      // A paragraph with a licence alone only gives its text.
      guard paragraph["Files"] != nil, !synopsis.isEmpty, synopsis.utf8.count <= Self.longest
      else { continue }
      if seen.insert(ByteString(synopsis)).inserted { synopses.append(synopsis) }
    }
  }

  /// All licences of the files together; nil where none is named.
  var licence: Licence? {
    guard !synopses.isEmpty else { return nil }
    var others = Others()
    var parts: [String] = []
    var seen: Set<ByteString> = []
    for synopsis in synopses {
      for part in Self.factors(of: expression(of: synopsis, &others))
      where seen.insert(ByteString(part)).inserted {
        parts.append(part)
      }
    }
    let expression =
      parts.count == 1
      ? parts[0]
      : parts.map { Self.grouped($0, within: " AND ") }.joined(separator: " AND ")
    return Licence(expression: expression, others: others.all)
  }

  /// Licences that SPDX does not list, each once.
  private struct Others {
    var all: [Licence.Other] = []
    private var ids: Set<ByteString> = []

    mutating func add(_ other: Licence.Other) {
      if ids.insert(ByteString(other.id)).inserted { all.append(other) }
    }
  }

  /// `GPL-2+ or Artistic, and BSD-3-clause`: a comma binds less than the words, `and` more than `or`.
  private func expression(of synopsis: String, _ others: inout Others) -> String {
    let groups = synopsis.replacing(", ", with: " , ").split(separator: " ").split(separator: ",")
    var result = ""
    for group in groups {
      var words = Array(group)
      var joint = " AND "
      if let first = words.first, let known = Self.joints[first.lowercased()] {
        joint = known
        words.removeFirst()
      }
      guard !words.isEmpty else { continue }
      let part = alternatives(words, &others)
      if result.isEmpty {
        result = part
      } else {
        result = Self.grouped(result, within: joint) + joint + Self.grouped(part, within: joint)
      }
    }
    return result
  }

  private static let joints = ["and": " AND ", "or": " OR ", "and/or": " OR "]

  /// What an expression joins with AND, or the expression as it is.
  private static func factors(of expression: String) -> [String] {
    var factors: [[Substring]] = [[]]
    var depth = 0
    for word in expression.split(separator: " ") {
      if depth == 0, word == "OR" { return [expression] }
      if depth == 0, word == "AND" {
        factors.append([])
        continue
      }
      depth += word.count { $0 == "(" } - word.count { $0 == ")" }
      factors[factors.count - 1].append(word)
    }
    return factors.map { $0.joined(separator: " ") }
  }

  /// A part in parentheses, where it would be read otherwise beside others.
  private static func grouped(_ part: String, within joint: String) -> String {
    let other = joint == " AND " ? "OR" : "AND"
    var depth = 0
    for word in part.split(separator: " ") {
      if depth == 0, word == other { return "(\(part))" }
      depth += word.count { $0 == "(" } - word.count { $0 == ")" }
    }
    return part
  }

  private func alternatives(_ words: [Substring], _ others: inout Others) -> String {
    let choices = words.split { Self.joints[$0.lowercased()] == " OR " }
    return choices.map { choice in
      let parts = choice.split { $0.lowercased() == "and" }.map { id(of: Array($0), &others) }
      return parts.joined(separator: " AND ")
    }.joined(separator: " OR ")
  }

  /// One licence, perhaps with an exception.
  private func id(of words: [Substring], _ others: inout Others) -> String {
    let name = words.joined(separator: " ")
    if let known = SPDXNames.expression(for: name) { return known }
    let text = texts[ByteString(name)] ?? name
    let digest = SHA256.digest(Array(text.utf8)).hex.prefix(8)
    let slug = String(
      name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") ? $0 : "-" })
    let id = "LicenseRef-\(slug)-\(digest)"
    others.add(Licence.Other(id: id, name: name, text: text))
    return id
  }
}
