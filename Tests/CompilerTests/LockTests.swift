import Compiler
import Files
import Model
import StageContracts
import TestSupport
import Testing

/// An earlier manifest as a lock, with real apt and an archive that moves on.
@Suite(.serialized) struct LockTests {
  private func withArchive(_ body: (ArchiveFixture) throws -> Void) throws {
    try withTemporaryDirectory { try body(try ArchiveFixture(in: $0)) }
  }

  private func compiled(
    _ archive: ArchiveFixture, _ path: String, lock: Manifest? = nil, update: Update = .none,
    offline: Bool = false
  ) throws -> Manifest {
    try compile(
      path,
      ResolveSettings(cache: archive.cache, offline: offline, lock: lock, update: update))
  }

  private func versions(_ manifest: Manifest) throws -> [String] {
    let stage = try #require(
      manifest.pipelines[0].stages.first { $0.type == DebianPackages.name })
    var problems = Problems()
    let options = try #require(DebianPackages.schema.decode(stage.options, &problems))
    return options.installed.map { "\($0.package) \($0.version)" }
  }

  @Test func `a manifest stays as it is when only the archive has moved on`() throws {
    try withArchive { archive in
      let recipe = try archive.recipe("hello")
      let first = try compiled(archive, recipe)
      try archive.publish(ArchiveFixture.later, day: 20)
      let moved = try compiled(archive, recipe)
      #expect(try versions(moved).contains("hello 2.0-1"))
      #expect(moved.epoch != first.epoch)
      let kept = try compiled(archive, recipe, lock: first)
      let isSame = bytes(kept) == bytes(first)
      #expect(isSame)
      // Nothing is asked, so that nothing needs to be there.
      try Files.removeTree("\(archive.folder)/debian")
      try Files.removeTree(archive.cache)
      let again = try compiled(archive, recipe, lock: first, offline: true)
      let isStillSame = bytes(again) == bytes(first)
      #expect(isStillSame)
    }
  }

  @Test func `what is updated moves, and what the archive has no more stays`() throws {
    try withArchive { archive in
      let first = try compiled(archive, try archive.recipe("hello"))
      try archive.publish(ArchiveFixture.later, day: 20)
      let recipe = try archive.recipe("hello, extra")
      let more = try compiled(archive, recipe, lock: first, update: .packages(["extra"]))
      let found1 = try versions(more)
      #expect(
        found1 == [
          "apt 1.0-1", "base-files 1.0-1", "extra 1.5-1", "greeting 1:2.0-1+b1", "hello 1.0-1",
          "libc6 1.0-1",
        ])
      #expect(more.epoch == first.epoch)
      for (digest, source) in first.sources { #expect(more.sources[digest] == source) }
      // The new lock keeps as the old one did.
      let again = try compiled(archive, recipe, lock: more)
      let isSame = bytes(again) == bytes(more)
      #expect(isSame)

      let both = try compiled(
        archive, recipe, lock: more, update: .packages(["hello", "libc6"]))
      #expect(try versions(both).contains("hello 2.0-1"))
      let all = try compiled(archive, recipe, lock: more, update: .all)
      let fresh = try compiled(archive, recipe)
      let isFresh = bytes(all) == bytes(fresh)
      #expect(isFresh)
    }
  }

  @Test func `what cannot be updated alone is told with the reason`() throws {
    try withArchive { archive in
      let recipe = try archive.recipe("hello")
      let first = try compiled(archive, recipe)
      try archive.publish(ArchiveFixture.later, day: 20)
      let told = refusals {
        try compiled(archive, recipe, lock: first, update: .packages(["hello"]))
      }
      #expect(
        told == [
          "10:15: the package 'hello' cannot be installed: it depends on 'libc6 (>= 2.0)', but"
            + " 1.0-1 is to be installed → the lock keeps 'libc6' at 1.0-1, but trixie has 2.0-1:"
            + " add it to --update"
        ])
    }
  }

  @Test func `a stale lock is refused with the reason`() throws {
    try withArchive { archive in
      let first = try compiled(archive, try archive.recipe("hello, extra"))
      func stale(
        _ install: String, base: String = "", module: String = "", _ update: Update = .none
      ) throws -> [String] {
        let recipe = try archive.recipe(install, base: base, module: module)
        return refusals { try compiled(archive, recipe, lock: first, update: update) }
      }
      let told2 = try stale("hello, quarrel, apt=1.0-1")
      #expect(
        told2 == [
          "10:22: the lock is stale: it does not have 'quarrel' → update it and keep all others:"
            + " --update quarrel",
          "10:31: the lock is stale: it was made with 'apt', but the recipe asks for 'apt=1.0-1' →"
            + " update it and keep all others: --update apt",
          "the lock is stale: it has 'extra', which the recipe no longer asks for → drop it and"
            + " keep"
            + " all others: --update extra",
        ])
      let told3 = try stale("hello, extra", .packages(["helo"]))
      #expect(
        told3 == [
          "cannot update 'helo': neither the lock nor the recipe has it → did you mean"
            + " 'hello'?"
        ])
      let told4 = try stale("hello, extra", base: "components: [contrib, main]")
      #expect(
        told4 == [
          "the lock is stale: it was made with the components main, but the recipe has contrib,"
            + " main"
            + " → resolve all packages again: --update without names"
        ])
      let told5 = try stale("hello, extra", module: "recommends: true")
      #expect(
        told5
          == [
            "10:15: the lock is stale: it was made without the recommendations of 'extra'",
            "10:15: the lock is stale: it was made without the recommendations of 'hello'",
          ].map { text in
            let name = text.contains("extra") ? "extra" : "hello"
            let place = name == "extra" ? "10:22" : "10:15"
            return text.replacing("10:15", with: place)
              + " → update it and keep all others: --update \(name)"
          })
      let recipe = try archive.recipe("hello, extra", more: "architectures: [arm64, amd64]")
      let error = #expect(throws: CompileError.self) {
        try compile(
          recipe, for: first.architecture == .amd64 ? "arm64" : "amd64",
          ResolveSettings(cache: archive.cache, lock: first))
      }
      guard case .resolving(let refusal) = error else { return }
      #expect(refusal.diagnostics.count == 1)
      var other = first
      other.lock = nil
      #expect(
        refusals { try compiled(archive, recipe, lock: other) } == [
          "the lock contains no package information: it was written by another version → omit"
            + " --lock this time, and use the new manifest as the lock from then on"
        ])
    }
  }

  @Test func `a manifest with a lock reads back as it was written`() throws {
    try withArchive { archive in
      let manifest = try compiled(archive, try archive.recipe("hello"))
      let path = "\(archive.folder)/manifest.json"
      try Files.write(bytes(manifest), to: path)
      let isSame = bytes(try Manifest.read(path)) == bytes(manifest)
      #expect(isSame)
      #expect(manifest.lock?.pipelines["os"]?.relations["hello"]?["Depends"] != nil)
    }
  }

  @Test func `a snapshot is the archive as it was`() throws {
    try withArchive { archive in
      try archive.publish(in: "past/debian/20250906T120000Z")
      try archive.publish(ArchiveFixture.later, day: 20)
      let recipe = try archive.recipe(
        "hello", base: "snapshot: 2025-09-06T12:00:00Z\n  snapshot-mirror: \"\(archive.snapshots)\""
      )
      let past = try compiled(archive, recipe)
      #expect(try versions(past).contains("hello 1.0-1"))
      #expect(past.lock?.pipelines["os"]?.question.snapshot?.description == "2025-09-06T12:00:00Z")
      let urls = past.sources.values.flatMap { source -> [String] in
        guard case .download(let download) = source else { return [] }
        return download.urls
      }
      #expect(urls.allSatisfy { $0.contains("/past/debian/20250906T120000Z/pool/") })

      // The command line's moment and address, over a recipe that has neither.
      let plain = try archive.recipe("hello")
      let moment = try #require(Timestamp("2025-09-06T12:00:00Z"))
      let given = try compile(
        plain,
        ResolveSettings(mirror: archive.snapshots, cache: archive.cache, snapshot: moment))
      #expect(given.pipelines == past.pipelines)
      let error = #expect(throws: CompileError.self) {
        try compile(plain, ResolveSettings(cache: archive.cache, snapshot: moment))
      }
      guard case .failure(let failure) = error else { return }
      #expect(failure.remedy?.contains("PARTICLE_SNAPSHOT") == true)
    }
  }
}
