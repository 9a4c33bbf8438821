import Compiler
import Files
import Model
import StageContracts
import TestSupport
import Testing

/// Real apt, with an archive of the test's own: no network.
@Suite(.serialized) struct ResolveTests {
  private func withArchive(_ body: (ArchiveFixture) throws -> Void) throws {
    try withTemporaryDirectory { try body(try ArchiveFixture(in: $0)) }
  }

  private func compiled(_ archive: ArchiveFixture, _ path: String, offline: Bool = false) throws
    -> Manifest
  {
    try compile(path, ResolveSettings(cache: archive.cache, offline: offline))
  }

  private func refused(_ archive: ArchiveFixture, _ path: String, offline: Bool = false)
    -> CompileError?
  {
    #expect(throws: CompileError.self) { try compiled(archive, path, offline: offline) }
  }

  @Test func `locks what apt chooses`() throws {
    try withArchive { archive in
      let manifest = try compiled(archive, try archive.recipe("hello"))
      #expect(manifest.epoch.description == "2025-09-06T10:19:04Z")
      #expect(manifest.pipelines.map(\.name) == ["os", "system", "tar"])
      let stages = manifest.pipelines[0].stages
      var problems = Problems()
      let installed = try #require(DebianPackages.schema.decode(stages[0].options, &problems))
      #expect(installed.extract == ["base-files_1.0-1_amd64.deb", "libc6_1.0-1_amd64.deb"])
      #expect(
        installed.installed.map { "\($0.package) \($0.version)" } == [
          "apt 1.0-1", "base-files 1.0-1", "greeting 1:2.0-1+b1", "hello 1.0-1", "libc6 1.0-1",
        ])
      #expect(installed.automatic == ["base-files", "greeting", "libc6"])
      let names = manifest.sources.values.map(\.name)
      #expect(names.contains("greeting_1%3a2.0-1+b1_amd64.deb"))
    }
  }

  /// The architecture of a compiled recipe, and those of its packages.
  private func architectures(_ archive: ArchiveFixture, _ path: String, for name: String?) throws
    -> [String]
  {
    let settings = ResolveSettings(cache: archive.cache)
    let manifest = try compile(path, for: name, settings)
    let packages = Set(manifest.sources.values.map { $0.name.split(separator: "_")[2] })
    return [manifest.architecture.rawValue] + packages.sorted().map { String($0) }
  }

  @Test func `packages are those of the architecture that is chosen`() throws {
    try withArchive { archive in
      let both = try archive.recipe("hello", more: "architectures: [arm64, amd64]")
      for name in ["amd64", "arm64"] {
        #expect(try architectures(archive, both, for: name) == [name, "\(name).deb"])
      }
      let own = try #require(Architecture.own).rawValue
      #expect(try architectures(archive, both, for: nil) == [own, "\(own).deb"])
      let error = #expect(throws: CompileError.self) {
        try architectures(archive, both, for: "riscv64")
      }
      guard case .recipe(let refusal) = error else { return }
      #expect(refusal.diagnostics.first?.remedy == "it is for arm64, amd64")
    }
  }

  @Test func `a recipe that is not for this machine is compiled for its first architecture`() throws
  {
    try withArchive { archive in
      let other = try #require(Architecture.allCases.first { $0 != Architecture.own }).rawValue
      let recipe = try archive.recipe("hello", more: "architectures: [\(other)]")
      #expect(try architectures(archive, recipe, for: nil) == [other, "\(other).deb"])
    }
  }

  @Test func `recommendations come when they are wanted`() throws {
    try withArchive { archive in
      let manifest = try compiled(
        archive, try archive.recipe("hello", more: "    recommends: true"))
      #expect(manifest.sources.values.map(\.name).contains("hello-doc_1.0-1_all.deb"))
    }
  }

  @Test func `two compilations give the same bytes, the second one offline`() throws {
    try withArchive { archive in
      let recipe = try archive.recipe("hello, apt")
      let first = Manifest.schema.encode(try compiled(archive, recipe)).prettyBytes
      let second = Manifest.schema.encode(try compiled(archive, recipe, offline: true)).prettyBytes
      let isSame = first == second
      #expect(isSame)
    }
  }

  @Test func `an unknown package is told at its place, with the nearest name`() throws {
    try withArchive { archive in
      let error = refused(archive, try archive.recipe("apt, helo, nonsense"))
      guard case .resolving(let refusal) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(
        refusal.diagnostics.map(\.problem) == [
          "cannot find the package 'helo' in trixie",
          "cannot find the package 'nonsense' in trixie",
        ])
      #expect(refusal.diagnostics[0].remedy == "did you mean 'hello'?")
      #expect(refusal.diagnostics[0].mark?.line == 10)
      #expect(refusal.diagnostics[0].mark?.column == 20)
      #expect(error?.exitStatus == 1)
    }
  }

  @Test func `a component that no suite has is told, with the nearest`() throws {
    try withArchive { archive in
      let recipe = try archive.recipe("hello")
      let text = try Files.readText(recipe)
      try Files.write(
        Array(text.replacing("base:", with: "base:\n  components: [main, mian]").utf8), to: recipe)
      guard case .resolving(let refusal) = refused(archive, recipe) else {
        Issue.record("it was not refused")
        return
      }
      #expect(refusal.diagnostics.map(\.problem) == ["trixie has no component 'mian'"])
      #expect(refusal.diagnostics[0].remedy == "did you mean 'main'?")
    }
  }

  @Test func `a version of a suite that is not there is told with where to add it`() throws {
    try withArchive { archive in
      guard case .resolving(let refusal) = refused(archive, try archive.recipe("hello/other"))
      else {
        Issue.record("it was not refused")
        return
      }
      #expect(refusal.diagnostics[0].remedy == "add it to the base: 'suites: [trixie, other]'")
    }
  }

  @Test func `an unknown version is told with those there are`() throws {
    try withArchive { archive in
      let error = refused(archive, try archive.recipe("hello=9.9"))
      guard case .resolving(let refusal) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(
        refusal.diagnostics.map(\.problem) == [
          "the package 'hello' has no version '9.9' in trixie"
        ])
      #expect(refusal.diagnostics[0].remedy == "trixie has 1.0-1; remove it to get the newest")
    }
  }

  @Test(arguments: [
    (
      "apt, quarrel, hello", 10, 20,
      "the package 'quarrel' cannot be installed: it conflicts with 'hello', but 1.0-1 is to be"
        + " installed",
      "trixie has 1.0-1 of 'hello'; remove what conflicts with it, or add the suite that has"
        + " another version"
    ),
    (
      "broken", 10, 15,
      "the package 'broken' cannot be installed: it depends on 'no-such-thing', but it is not"
        + " installable",
      "trixie has no package 'no-such-thing'; add the suite, component or repository that has it"
    ),
  ])
  func `what cannot be is told at its place, with the dependency and what there is`(
    _ install: String, _ line: Int, _ column: Int, _ problem: String, _ remedy: String
  ) throws {
    try withArchive { archive in
      guard case .resolving(let refusal) = refused(archive, try archive.recipe(install)) else {
        Issue.record("not a refusal")
        return
      }
      #expect(refusal.diagnostics.map(\.problem) == [problem])
      #expect(refusal.diagnostics.first?.remedy == remedy)
      #expect(refusal.diagnostics.first?.mark?.line == line)
      #expect(refusal.diagnostics.first?.mark?.column == column)
    }
  }

  @Test func `a key that did not sign the archive is refused`() throws {
    try withArchive { archive in
      let error = refused(archive, try archive.recipe("hello", keyring: archive.otherKeyring))
      guard case .failure(let failure) = error else {
        Issue.record("not a failure")
        return
      }
      #expect(failure.operation == "trust", "\(failure)")
      #expect(failure.remedy?.contains(archive.otherKeyring) == true)
    }
  }

  @Test func `damaged lists in the cache are fetched anew`() throws {
    try withArchive { archive in
      let recipe = try archive.recipe("hello")
      let first = Manifest.schema.encode(try compiled(archive, recipe)).prettyBytes
      for folder in try Files.names(in: archive.cache) {
        let lists = "\(archive.cache)/\(folder)/lists"
        for name in try Files.names(in: lists) where name.hasSuffix("_Packages") {
          try Files.removeTree("\(lists)/\(name)")
          try Files.write(Array("nonsense".utf8), to: "\(lists)/\(name)")
        }
        try Files.removeTree("\(archive.cache)/\(folder)/answers")
      }
      let second = Manifest.schema.encode(try compiled(archive, recipe)).prettyBytes
      let isSame = first == second
      #expect(isSame)
    }
  }

  @Test func `a changed index is refused`() throws {
    try withArchive { archive in
      let index = "\(archive.folder)/debian/dists/trixie/main/binary-amd64/Packages"
      try Files.write(try Files.read(index) + Array("\n".utf8), to: index)
      let error = refused(archive, try archive.recipe("hello"))
      #expect(error?.exitStatus == 1)
    }
  }

  @Test func `a missing keyring, mirror or list is a failure with a remedy`() throws {
    try withArchive { archive in
      for (keyring, offline, word) in [
        ("/no/such.gpg", false, "keyring"), (archive.keyring, true, "--offline"),
      ] {
        let recipe = try archive.recipe("hello", keyring: keyring)
        guard case .failure(let failure) = refused(archive, recipe, offline: offline) else {
          continue
        }
        #expect(failure.remedy?.contains(word) == true, "\(failure)")
      }
      let recipe = try archive.recipe("hello")
      try Files.removeTree("\(archive.folder)/debian")
      guard case .failure(let failure) = refused(archive, recipe) else { return }
      #expect(failure.operation == "fetch", "\(failure)")
      #expect(failure.object.contains(archive.mirror))
    }
  }

  @Test func `what an image needs and the archive lacks is told without a place`() throws {
    try withArchive { archive in
      let recipe = try archive.recipe("hello", more: "images: [{name: disk, bootloader: none}]")
      guard case .resolving(let refusal) = refused(archive, recipe) else {
        Issue.record("not a refusal")
        return
      }
      #expect(
        refusal.diagnostics.map(\.problem) == ["cannot find the package 'e2fsprogs' in trixie"])
      #expect(refusal.diagnostics[0].mark == nil)
    }
  }
}
