internal import Compiler
internal import Files
internal import Glibc
internal import JSON
internal import Model
internal import Runner

/// What a recipe or a manifest makes, in a folder that is removed in the end.
struct SourceBuild {
  private let source: String
  private let manifest: String
  private let folder: String
  private let options: [String]

  /// Compiles a recipe; a manifest is taken as it is.
  ///
  /// - Parameters:
  ///   - source: A recipe (`.yml`, `.yaml`) or a manifest.
  ///   - words: Options for compiling a recipe.
  ///   - store: Where results are kept; nil for the usual place.
  ///   - architecture: Which of the recipe's.
  /// - Throws: When it can't be compiled, which has been said then.
  init(of source: String, _ words: [String], store: String?, on architecture: Architecture) throws {
    let named = getenv("TMPDIR").map { String(cString: $0) } ?? ""
    let folder = try Files.makeTemporaryDirectory(
      in: named.isEmpty ? "/var/tmp" : named, prefix: "particle-vm-")
    Interrupts.end { try? Files.removeTree(folder) }
    self.source = source
    self.folder = folder
    options = store.map { ["--store", $0] } ?? []
    guard !source.hasSuffix(".json") else {
      manifest = source
      return
    }
    manifest = folder + "/manifest.json"
    do {
      try Sibling.compile.succeed(
        words + ["--arch", architecture.rawValue, "--output", manifest, "--", source])
    } catch {
      try? Files.removeTree(folder)
      throw error
    }
  }

  func remove() { try? Files.removeTree(folder) }

  /// Builds a disk or an ISO.
  ///
  /// - Parameter name: The export; nil for the first that a machine starts from.
  /// - Returns: Its path.
  /// - Throws: When there is none, and when it can't be built, which has been said then.
  func image(named name: String?) throws -> String {
    let exports = try Manifest.read(manifest).exports.keys.sorted()
    let formats = [".raw", ".qcow2", ".iso", ".vmdk", ".vdi", ".vhdx", ".vhd"]
    let found = formats.lazy.compactMap { format in exports.first { $0.hasSuffix(format) } }.first
    guard let chosen = name ?? found else {
      throw Failure(
        "start", source,
        cause: "none of its exports can start a machine: \(exports.joined(separator: ", "))",
        remedy: "add an image with 'formats: [raw]' to the recipe")
    }
    // What is asked for is the machine; where its disk was for a while nobody wants to know.
    try Sibling.run.succeed(
      ["--export", chosen, "--output", folder] + options + ["--", manifest], quietly: true)
    return "\(folder)/\(chosen)"
  }
}
