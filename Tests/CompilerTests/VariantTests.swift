import Compiler
import Files
import Model
import StageContracts
import TestSupport
import Testing

/// What a system has beside what its recipe names, with real apt.
@Suite(.serialized) struct VariantTests {
  private static let packages =
    ArchiveFixture.packages + [
      ("login", "1.0-1", "Priority: required"), ("nano", "1.0-1", "Priority: important"),
      ("netbase", "1.0-1", "Priority: important\nDepends: libc6"),
      ("wget", "1.0-1", "Priority: standard"), ("linux-image-amd64", "1.0-1", ""),
      ("systemd-sysv", "1.0-1", ""), ("udev", "1.0-1", "Priority: important"),
      ("initramfs-tools", "1.0-1", ""), ("zstd", "1.0-1", ""), ("ostree", "1.0-1", ""),
      ("ostree-boot", "1.0-1", ""), ("dracut", "1.0-1", ""),
    ]

  private func withArchive(_ body: (ArchiveFixture) throws -> Void) throws {
    try withTemporaryDirectory {
      let archive = try ArchiveFixture(in: $0)
      try archive.publish(Self.packages)
      try body(archive)
    }
  }

  private func options(_ archive: ArchiveFixture, _ path: String) throws -> DebianPackages {
    let manifest = try compile(path, for: "amd64", ResolveSettings(cache: archive.cache))
    return try options(manifest)
  }

  private func options(_ manifest: Manifest) throws -> DebianPackages {
    let os = try #require(manifest.pipelines.first { $0.name == "os" })
    let stage = try #require(os.stages.first { $0.type == DebianPackages.name })
    var problems = Problems()
    return try #require(DebianPackages.schema.decode(stage.options, &problems))
  }

  /// An image that boots and takes few packages.
  private static let image = "images: [{name: machine, formats: [ostree]}]"
  private static let bootable = "linux-image-amd64, systemd-sysv, udev"

  @Test(
    arguments: [
      ("", ["apt", "base-files", "libc6"]), ("essential", ["apt", "base-files", "libc6"]),
      ("required", ["apt", "base-files", "libc6", "login"]),
      ("important", ["apt", "base-files", "libc6", "login", "nano", "netbase", "udev"]),
      (
        "standard", ["apt", "base-files", "libc6", "login", "nano", "netbase", "udev", "wget"]
      ), ("machine", ["apt", "base-files", "libc6", "login", "netbase"]),
    ])
  func `a variant is Debian's priorities`(_ variant: String, _ names: [String]) throws {
    try withArchive { archive in
      let base = variant.isEmpty ? "" : "variant: \(variant)"
      let found = try options(archive, try archive.recipe("extra", base: base))
      #expect(found.installed.map(\.package) == (names + ["extra"]).sorted())
      // What a variant brings stays when nothing else needs it.
      #expect(!found.automatic.contains("login"))
    }
  }

  @Test func `what is removed is not brought back by the variant`() throws {
    try withArchive { archive in
      let recipe = try archive.recipe(
        "extra", base: "variant: important", module: "remove: [nano]")
      let found = try options(archive, recipe)
      #expect(!found.installed.map(\.package).contains("nano"))
      #expect(found.installed.map(\.package).contains("login"))
    }
  }

  @Test func `an archive without priorities has no variants`() throws {
    try withTemporaryDirectory { folder in
      let archive = try ArchiveFixture(in: folder)
      let recipe = try archive.recipe("extra", base: "variant: required")
      let error = #expect(throws: CompileError.self) { try options(archive, recipe) }
      guard case .failure(let failure) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(failure.remedy?.contains("variant: essential") == true)
    }
  }

  /// What a compilation warns of.
  private func warnings(
    _ archive: ArchiveFixture, _ path: String, lock: Manifest? = nil
  ) throws -> (manifest: Manifest, told: [Diagnostic]) {
    var told: [Diagnostic] = []
    let manifest = try compile(
      path, for: "amd64", ResolveSettings(cache: archive.cache, lock: lock), warn: { told += $0 })
    return (manifest, told)
  }

  @Test func `what boots has what a machine needs`() throws {
    try withArchive { archive in
      let recipe = try archive.recipe(Self.bootable, more: Self.image)
      let (manifest, told) = try warnings(archive, recipe)
      let names = try options(manifest).installed.map(\.package)
      #expect(Set(names).isSuperset(of: ["login", "netbase"]))
      #expect(!names.contains("nano"))
      #expect(told == [])
    }
  }

  @Test func `what boots without a login or device nodes is warned of`() throws {
    try withArchive { archive in
      let recipe = try archive.recipe(
        "linux-image-amd64, systemd-sysv", base: "variant: essential", more: Self.image)
      let (manifest, told) = try warnings(archive, recipe)
      #expect(!(try options(manifest).installed.map(\.package).contains("login")))
      #expect(told.map(\.severity) == [.warning, .warning])
      #expect(told.map(\.remedy) == ["udev", "login"].map { "add \($0) to a packages module" })
      #expect(told.allSatisfy { $0.mark?.line != nil })
    }
  }

  @Test func `what boots to no init is refused`() throws {
    try withArchive { archive in
      let recipe = try archive.recipe("linux-image-amd64, udev", more: Self.image)
      let error = #expect(throws: CompileError.self) { try warnings(archive, recipe) }
      guard case .resolving(let refusal) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(refusal.diagnostics.first?.problem.contains("no package contains an init") == true)
    }
  }

  @Test func `a lock from before variants still compiles, with a warning`() throws {
    try withArchive { archive in
      let old = try archive.recipe(
        Self.bootable, base: "variant: essential", more: Self.image)
      let (lock, _) = try warnings(archive, old)
      #expect(lock.lock?.pipelines["os"]?.question.variant == nil)
      let recipe = try archive.recipe(Self.bootable, more: Self.image)
      let (manifest, told) = try warnings(archive, recipe, lock: lock)
      #expect(try options(manifest) == options(lock))
      #expect(told.first?.problem.contains("only the essential packages") == true)
      // One that names a variant asks for another system.
      let named = try archive.recipe(
        Self.bootable, base: "variant: required", more: Self.image)
      let error = #expect(throws: CompileError.self) { try warnings(archive, named, lock: lock) }
      guard case .resolving(let refusal) = error else { return }
      #expect(
        refusal.diagnostics.first?.problem
          == "the lock is stale: it was made with the variant essential, but the recipe has"
          + " required"
      )
    }
  }
}
