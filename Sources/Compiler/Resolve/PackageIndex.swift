internal import Model

/// Entries of a package index (deb822(5), one paragraph for each package), as far as they decide
/// with what a package can be installed.
enum PackageIndex {
  /// deb-control(5).
  static let fields = [
    "Breaks", "Conflicts", "Depends", "Essential", "Important", "Multi-Arch", "Pre-Depends",
    "Protected", "Provides", "Recommends", "Replaces",
  ]

  /// Those fields of each package, by its name as apt has it on a machine; of several paragraphs the
  /// first.
  static func relations(_ text: String, on machine: Architecture) -> [String: [String: String]] {
    var relations: [String: [String: String]] = [:]
    var name: String?
    var architecture = ""
    var found: [String: String] = [:]
    func end() {
      guard let name else { return }
      let isForeign = !["", "all", machine.rawValue].contains(architecture)
      let whole = isForeign ? "\(name):\(architecture)" : name
      if relations[whole] == nil { relations[whole] = found }
    }
    for line in text.utf8.split(separator: 0x0a, omittingEmptySubsequences: false) {
      if line.isEmpty {
        end()
        (name, architecture, found) = (nil, "", [:])
        continue
      }
      // A field that goes on in the next line is none of these.
      guard let colon = line.firstIndex(of: 0x3a), line.first != 0x20 else { continue }
      let key = String(decoding: line[..<colon], as: UTF8.self)
      let value = line[line.index(after: colon)...].drop { $0 == 0x20 }
      if key == "Package" {
        name = String(decoding: value, as: UTF8.self)
      } else if key == "Architecture" {
        architecture = String(decoding: value, as: UTF8.self)
      } else if fields.contains(key) {
        found[key] = String(decoding: value, as: UTF8.self)
      }
    }
    end()
    return relations
  }

  static func text(_ relations: [String: [String: String]]) -> String {
    relations.sorted { $0.key < $1.key }.map { name, fields in
      let lines = fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\n" }
      return "Package: \(name)\n\(lines.joined())"
    }.joined(separator: "\n")
  }

  /// An index that has what apt needs to choose and to order these packages; it takes none of no
  /// size.
  static func text(
    of packages: [Package], _ relations: [String: [String: String]], on machine: Architecture
  ) -> String {
    packages.map { package in
      let relations = (relations[package.name(on: machine)] ?? [:]).sorted { $0.key < $1.key }
      return """
        Package: \(package.name)
        Version: \(package.version)
        Architecture: \(package.architecture)
        Maintainer: unknown
        Filename: \(package.file)
        Size: \(max(1, package.size))
        SHA256: \(package.digest.hex)
        Description: kept
        \(relations.map { "\($0.key): \($0.value)\n" }.joined())
        """
    }.joined(separator: "\n")
  }
}
