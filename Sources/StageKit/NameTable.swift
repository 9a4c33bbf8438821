package import Model

/// A file of a tree with a record in each line and colons between its fields: passwd(5), group(5),
/// shadow(5), gshadow(5), subuid(5), subgid(5).
package struct NameTable {
  package let path: String
  package var records: [[String]]

  /// Reads the file; empty where there is none.
  package init(_ path: String, in tree: borrowing Tree) throws(Failure) {
    self.path = path
    let text = tree.exists(path) ? try tree.readText(path) : ""
    records = text.parts(at: "\n").map { $0.parts(at: ":", keepingEmpty: true) }
  }

  package var names: [String] { records.compactMap(\.first) }

  /// The place of the record with this name.
  package func index(of name: String) -> Int? {
    records.firstIndex { $0.first?.isSame(as: name) ?? false }
  }

  /// The number in the third field of the record with this name: a uid or gid.
  package func number(of name: String) -> Int? {
    guard let index = index(of: name), records[index].count > 2 else { return nil }
    return Int(records[index][2])
  }

  /// The name of the record with this number in its third field.
  package func name(of number: Int) -> String? {
    records.first { $0.count > 2 && Int($0[2]) == number }?.first
  }

  package var text: String { records.map { $0.joined(separator: ":") + "\n" }.joined() }
}
