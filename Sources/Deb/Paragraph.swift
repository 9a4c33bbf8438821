internal import Model

/// A paragraph of fields, as Debian's control files and machine-readable copyright files have them (deb822(5)).
package struct Paragraph: Sendable, Equatable {
  /// By names in lower case, as their case does not count; lines after the first stand without their leading
  /// space.
  private var fields: [String: String] = [:]
  /// The first field that stands in it a second time, which dpkg does not take; nil for none.
  package private(set) var repeated: String?

  /// The value of a field: its first line, and those that continue it, without spaces around it.
  package subscript(_ name: String) -> String? { fields[name.lowercased()] }

  /// The paragraphs of a text; lines that belong to no field are passed over.
  package static func read(_ text: String) -> [Paragraph] {
    var paragraphs: [Paragraph] = []
    var current = Paragraph()
    var name: String?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.allSatisfy({ $0 == " " || $0 == "\t" || $0 == "\r" }) {
        if !current.fields.isEmpty { paragraphs.append(current) }
        (current, name) = (Paragraph(), nil)
      } else if line.first == " " || line.first == "\t" {
        if let name { current.fields[name, default: ""] += "\n" + line.dropFirst() }
      } else if line.first != "#", let parts = line.cut(at: ":") {
        let key = parts.before.lowercased()
        name = key
        if current.fields[key] != nil { current.repeated = current.repeated ?? parts.before }
        current.fields[key] = String(
          parts.after.drop { $0 == " " || $0 == "\t" })
      }
    }
    if !current.fields.isEmpty { paragraphs.append(current) }
    return paragraphs
  }
}
