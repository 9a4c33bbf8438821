import Compiler
import Files
import Glibc
import Model
import TestSupport
import Testing

/// What an archive must not be, whoever serves it.
@Suite(.serialized) struct UntrustedArchiveTests {
  /// What was done to the archive, and what the refusal says.
  enum Attack: String, CaseIterable {
    case expired, future, wrongKey, unsigned, changedIndex, tampered, preceded, noDate

    var tries: String {
      switch self {
      case .expired: "its Release file is no longer valid"
      case .future: "its Release file is from the future"
      case .wrongKey: "signed with another key"
      case .unsigned: "not signed"
      case .changedIndex: "its index is not the one that is signed"
      case .tampered: "its signed Release file was changed"
      case .preceded: "a line stands in front of what is signed"
      case .noDate: "its Release file has no date"
      }
    }
  }

  private func make(_ attack: Attack, _ archive: ArchiveFixture) throws {
    let dists = "\(archive.folder)/debian/dists/trixie"
    let index = ArchiveFixture.architectures.map {
      ($0, Array(ArchiveFixture.index(of: ArchiveFixture.packages, for: $0).utf8))
    }
    func change(_ name: String, _ body: (String) -> String) throws {
      try Files.write(
        Array(body(try Files.readText("\(dists)/\(name)")).utf8), to: "\(dists)/\(name)")
    }
    switch attack {
    case .expired:
      try archive.publish(
        in: "debian", suite: "trixie", validUntil: "Sun, 7 Sep 2025 10:19:04 UTC", indexes: index)
    case .future:
      try archive.publish(
        in: "debian", suite: "trixie", date: "Sat, 6 Sep 2099 10:19:04 UTC", indexes: index)
    case .wrongKey: try archive.publish(signer: "other")
    case .unsigned:
      unlink("\(dists)/InRelease")
      try archive.publish(signer: nil)
    case .changedIndex: try change("main/binary-amd64/Packages") { $0 + "\n" }
    case .tampered: try change("InRelease") { $0.replacing("Label: Debian", with: "Label: Debiam") }
    case .preceded: try change("InRelease") { "Origin: Evil\n" + $0 }
    case .noDate:
      try archive.publish(in: "debian", suite: "trixie", date: "never", indexes: index)
    }
  }

  @Test(arguments: Attack.allCases)
  func `is refused`(_ attack: Attack) throws {
    try withTemporaryDirectory { folder in
      let archive = try ArchiveFixture(in: folder)
      try make(attack, archive)
      let recipe = try archive.recipe("hello", base: "foreign-architectures: [i386]")
      let error = #expect(throws: CompileError.self) {
        try compile(recipe, for: "amd64", ResolveSettings(cache: archive.cache))
      }
      guard case .failure(let failure) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      let operation: String? =
        switch attack {
        case .expired, .future, .wrongKey, .tampered: "trust"
        default: nil
        }
      try #require(operation.map { failure.operation == $0 } ?? true, "\(failure)")
      #expect(failure.remedy != nil)
      try TestSupport.Attack.record(
        "archive-\(attack)", tries: "an archive of packages: \(attack.tries)",
        expected: "it is refused",
        seen: "refused: \(failure.cause.replacing(folder, with: ""))")
    }
  }

  @Test func `a keyring that is no file is refused`() throws {
    try withTemporaryDirectory { folder in
      let archive = try ArchiveFixture(in: folder)
      let fifo = "\(folder)/fifo.gpg"
      #expect(mkfifo(fifo, 0o600) == 0)
      for path in [fifo, "/dev/zero", folder] {
        let recipe = try archive.recipe("hello", keyring: path)
        let error = #expect(throws: CompileError.self) {
          try compile(recipe, ResolveSettings(cache: archive.cache))
        }
        guard case .failure(let failure) = error else { continue }
        #expect(failure.cause.contains("it is not a regular file"), "\(failure)")
      }
    }
  }
}
