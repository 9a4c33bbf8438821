import Compiler
import Files
import Model
import Processes
import TestSupport
import Testing

/// Everything that a test of container images needs, in one folder.
struct ContainerScene {
  var archive: ArchiveFixture
  var images: ImageFixture

  /// Writes a recipe that starts from an image.
  func recipe(_ image: String, _ install: String = "", base: String = "", more: String = "")
    throws -> String
  {
    let text = """
      version: 1
      name: fixture
      base:
        container: "\(image)"
        mirror: "\(archive.mirror)"
        keyring: \(archive.keyring)
      \(base.isEmpty ? "" : "  \(base)\n")\
      \(install.isEmpty ? "" : "modules:\n  - type: packages\n    install: [\(install)]")
      \(more)
      """
    let path = "\(archive.folder)/recipe.yml"
    try Files.write(Array(text.utf8), to: path)
    return path
  }

  func compiled(
    _ path: String, lock: Manifest? = nil, update: Update = .none, offline: Bool = false
  ) throws -> Manifest {
    try compile(
      path, for: "amd64",
      ResolveSettings(cache: archive.cache, offline: offline, lock: lock, update: update))
  }

  func refusal(_ path: String, lock: Manifest? = nil, update: Update = .none) -> [String] {
    refusals { try compiled(path, lock: lock, update: update) }
  }
}

func withScene(_ body: (ContainerScene) throws -> Void) throws {
  try withTemporaryDirectory { folder in
    let archive = try ArchiveFixture(in: folder)
    // What a release brings beside itself is an archive of its own here.
    try archive.publish(suite: "trixie-updates")
    try archive.publish(in: "debian-security", suite: "trixie-security")
    try body(ContainerScene(archive: archive, images: try ImageFixture(in: folder)))
  }
}

/// What sha256sum says of bytes, as manifests write it.
func sha256sum(_ bytes: [UInt8]) throws -> String {
  "sha256:" + (try Command(["sha256sum"], input: bytes).runChecked().text.prefix(64))
}
