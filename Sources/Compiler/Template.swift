internal import Files
internal import Glibc
package import Model
internal import YAML

/// A recipe to begin with.
package struct Template: Sendable {
  package var name: String
  /// The recipe's description.
  package var summary: String
  private var folder: String

  /// A file of a template: its path beside the recipe, and what it holds.
  package struct File: Sendable {
    package var path: String
    package var bytes: [UInt8]
  }

  private static let schemaFile = "recipe.schema.json"

  /// The folders that have templates: the one that `PARTICLE_TEMPLATES` names; `share/particle`
  /// beside the programs' folder; and, of a build in the source tree, `recipes` of that tree.
  static func folders() -> [String] {
    if let chosen = getenv("PARTICLE_TEMPLATES") { return [String(cString: chosen)] }
    guard let own = try? Files.linkTarget("/proc/self/exe"),
      let (programs, _) = own.cut(atLast: "/")
    else { return [] }
    return ["\(programs)/../share/particle/recipes", "\(programs)/../../../recipes"]
  }

  /// Every template there is, sorted by name.
  package static func all() throws(Failure) -> [Template] {
    guard let folder = folders().first(where: Files.exists) else {
      throw Failure(
        "find", "the templates",
        cause: "none of these directories exists:"
          + folders().map { "\n  " + $0.normalisedPath }.joined(),
        remedy: "set PARTICLE_TEMPLATES to the directory 'recipes' of particle-os")
    }
    return try Files.names(in: folder).filter { $0.ends(with: ".yml") }.map { file in
      let node = try? YAML.parse(try Files.readDocument("\(folder)/\(file)"), file: file)
      var summary = ""
      if case .string(let text)? = node?["description"]?.value { summary = text }
      return Template(name: String(file.dropLast(4)), summary: summary, folder: folder)
    }
  }

  /// - Throws: `Refusal` when there is none of this name.
  package static func named(_ name: String) throws -> Template {
    let all = try all()
    if let found = all.first(where: { $0.name == name }) { return found }
    let names = all.map(\.name)
    throw Refusal(diagnostics: [
      Diagnostic(
        "unknown template '\(name)'",
        remedy: suggestion(for: name, among: names).map { "did you mean '\($0)'?" }
          ?? "the templates are \(names.joined(separator: ", "))")
    ])
  }

  /// The recipe, the files that it names, and its schema.
  package func files() throws -> [File] {
    let recipe = "\(folder)/\(name).yml"
    let document = try Recipe.read(recipe)
    let node = try Includes.expand(
      try YAML.parse(document.bytes, file: recipe), in: try Project(of: recipe))
    var paths = node.files
    for (path, files) in document.contents.files {
      for file in files {
        paths.insert(file.name.isEmpty ? "\(path)" : "\(path)/\(file.name)")
      }
    }
    let top = folder.normalisedPath + "/"
    var files: [File] = []
    for path in Set(paths.map { ByteString($0.normalisedPath) }).sorted().compactMap(\.text) {
      guard path.begins(with: top) else {
        throw Failure("copy", path, cause: "it is outside the directory of the template")
      }
      let bytes = try Files.read(path)
      files.append(
        File(
          path: String(decoding: path.utf8.dropFirst(top.utf8.count), as: UTF8.self),
          bytes: withSchemaBeside(bytes)))
    }
    if let schema = schemaDocuments()[Self.schemaFile] {
      files.append(File(path: Self.schemaFile, bytes: schema.prettyBytes))
    }
    return files
  }

  /// The same file, its first line naming the schema where it now is.
  private func withSchemaBeside(_ bytes: [UInt8]) -> [UInt8] {
    let here = Array("$schema=../schemas/\(Self.schemaFile)\n".utf8)
    guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")), bytes[...end].hasSuffix(here) else {
      return bytes
    }
    return bytes[...end].dropLast(here.count) + Array("$schema=\(Self.schemaFile)\n".utf8)
      + bytes[(end + 1)...]
  }
}

extension ArraySlice<UInt8> {
  fileprivate func hasSuffix(_ end: [UInt8]) -> Bool { suffix(end.count).elementsEqual(end) }
}

extension Node {
  /// The files that a document and those in it were read from.
  fileprivate var files: Set<String> {
    var files = Set([mark?.file].compactMap { $0 })
    switch value {
    case .list(let items): for item in items { files.formUnion(item.files) }
    case .object(let members): for member in members { files.formUnion(member.value.files) }
    default: break
    }
    return files
  }
}
