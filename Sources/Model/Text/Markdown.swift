/// Text in Markdown, of which nothing acts as markup (CommonMark, and the tables of GitHub's dialect).
package enum Markdown {
  /// Text within a paragraph, a heading or a table's cell.
  package static func text(_ text: String) -> String {
    // Any ASCII punctuation may stand behind a backslash. These are the ones that mean something within a line.
    var escaped = ""
    for scalar in shown(text).unicodeScalars {
      switch scalar {
      case "\\", "`", "*", "_", "[", "]", "<", ">", "|", "~", "#", "&", "@", "!", "$":
        escaped.unicodeScalars += ["\\", scalar]
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// A table.
  ///
  /// - Parameters:
  ///   - head: The titles of its columns, as plain text.
  ///   - rows: The cells, as plain text.
  /// - Returns: Its lines, without a line break at the end.
  package static func table(_ head: [String], _ rows: [[String]]) -> String {
    func line(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |" }
    let rule = line(head.map { _ in "---" })
    return ([line(head.map(text)), rule] + rows.map { line($0.map(text)) })
      .joined(separator: "\n")
  }

  /// Lines of code, which no text in them can end.
  ///
  /// - Parameters:
  ///   - code: The lines.
  ///   - language: What a reader colours them as.
  /// - Returns: The block, without a line break at the end.
  package static func code(_ code: String, language: String) -> String {
    var longest = 2
    var run = 0
    for byte in code.utf8 {
      run = byte == UInt8(ascii: "`") ? run + 1 : 0
      longest = max(longest, run)
    }
    let fence = String(repeating: "`", count: longest + 1)
    let end = code.hasSuffix("\n") ? "" : "\n"
    return "\(fence)\(language)\n\(code)\(end)\(fence)"
  }
}
