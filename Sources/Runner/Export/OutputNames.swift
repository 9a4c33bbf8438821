internal import Files
internal import Model

/// The names of the files that exports need in the directory for outputs.
struct OutputNames {
  /// Of a file with the digests of all, as sha256sum(1) reads it.
  static let sums = "SHA256SUMS"
  /// As long as names may be on Linux (NAME_MAX), in bytes.
  private static let longest = 255

  /// Each with the export that it is for; the sums are for none.
  private let names: [(name: String, export: String?)]

  init(of exports: [(name: String, export: Manifest.Export)]) {
    names =
      exports.flatMap { name, export -> [(name: String, export: String?)] in
        export.isTree ? [(name, name), (Self.listing(of: name), name)] : [(name, name)]
      } + [(Self.sums, nil)]
  }

  /// The name of the listing beside a tree.
  static func listing(of tree: String) -> String { tree + ".listing" }

  var all: [String] { names.map(\.name) }

  /// What is wrong with the names, wherever they are to be.
  var problems: [Diagnostic] {
    var found: [Diagnostic] = []
    var seen: [ByteString: String?] = [:]
    for (name, export) in names {
      let told = shown(name)
      let remedy = "rename the export in the recipe"
      if name.utf8.count > Self.longest {
        found.append(
          Diagnostic(
            "the name of the output '\(told)' has \(name.utf8.count) bytes: no file name can have"
              + " more than \(Self.longest)", remedy: remedy))
      }
      if let other = seen.updateValue(export, forKey: ByteString(name)) {
        let owners = [other, export].map {
          $0.map { "the export '\(shown($0))'" } ?? "the checksums"
        }
        found.append(
          Diagnostic(
            "\(owners[0]) and \(owners[1]) would both be written to '\(told)'", remedy: remedy))
      }
    }
    return found
  }

  /// Two names that a file system may take for one: such as differ only in case, or in how a letter is composed.
  var alike: (String, String)? {
    var seen: [String: String] = [:]
    for name in all {
      if let other = seen.updateValue(name, forKey: name.lowercased()),
        ByteString(other) != ByteString(name)
      {
        return (other, name)
      }
    }
    return nil
  }
}

extension Manifest.Export {
  /// Whether it is a pipeline's whole tree, which is placed as a directory.
  var isTree: Bool { ByteString(path) == "/" }
}
