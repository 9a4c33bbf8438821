import Files
import Glibc
import Model
import Processes
import Runner
import TestSupport
import Testing

/// Builds for an architecture that this machine is not of.
@Suite struct EmulationTests {
  private static let other = Architecture.allCases.first { $0 != Architecture.own } ?? .arm64

  /// Whether a namespace here can have a binfmt_misc of its own (Linux 6.7).
  ///
  /// Then everything has to work; where it can't, the error is proven instead.
  private static let isPossible: Bool = {
    let mount = ["mount", "-t", "binfmt_misc", "binfmt_misc", "/proc/sys/fs/binfmt_misc"]
    let command = Command(["unshare", "--user", "--map-root-user", "--mount"] + mount)
    let isPossible = (try? command.run().ending.isSuccess) ?? false
    if !isPossible {
      print(
        "NOT PROVEN HERE: a build for \(other.rawValue), as the kernel has no binfmt_misc for it")
    }
    return isPossible
  }()

  private func draft(_ architecture: Architecture) -> Draft {
    var draft = Draft(architecture: architecture)
    draft.pipeline(
      "os",
      [
        inTree("write /a/old x", "write /b/old x", "write /c x", "capability /low x"),
        inTree("remove /a", "write /a/new x", "remove /b", "mode /a/new 4751"),
        inTree("owner /a/new 65534", "owner /a 33", "attribute /c user.note abc", "attempt /tried"),
      ])
    draft.pipeline(
      "image",
      [onTree("copy /end tree a/new", "owner /end 7", inputs: ["tree": .pipeline("os")])])
    draft.export("end", from: "image", "/end")
    return draft
  }

  /// Runs a manifest; nil where the machine can't, which has to be said with the remedy.
  private func ran(_ draft: Draft, in scene: Scene, _ options: [String] = []) throws
    -> Command.Outcome?
  {
    let outcome = try scene.run(draft, options)
    if Self.isPossible || outcome.ending.isSuccess {
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      return outcome
    }
    #expect(outcome.ending == .exit(1))
    #expect(outcome.errorText.contains("cannot run \(Self.other.rawValue) programs"))
    #expect(outcome.errorText.contains("help: "), "\(outcome.errorText)")
    return nil
  }

  @Test func `stages change a tree of another architecture as one of this machine's own`() throws {
    let own = try Scene.with { scene in
      let outcome = try scene.run(draft(.own ?? .amd64))
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      return try scene.listings() + [scene.text("SHA256SUMS")]
    }
    try Scene.with { scene in
      guard try ran(draft(Self.other), in: scene) != nil else { return }
      let other = try scene.listings() + [scene.text("SHA256SUMS")]
      #expect(other == own, "\(lineDifference(from: "\(own)", to: "\(other)"))")
    }
  }

  @Test func `each build says what is missing before anything starts, unless nothing is to run`()
    throws
  {
    try Scene.with { scene in
      // All that the runner needs but QEMU.
      for name in ["bwrap", "sh", "unshare", "mount"] {
        try Files.makeDirectories(scene.folder + "/bin")
        guard symlink("/usr/bin/\(name)", "\(scene.folder)/bin/\(name)") == 0 else {
          throw Failure.system("make the link", name)
        }
      }
      let without = ["PATH": scene.folder + "/bin"]
      let outcome = try scene.run(draft(Self.other), environment: without)
      // Where the whole machine is set up for it, nothing is missing.
      if !outcome.ending.isSuccess {
        #expect(outcome.ending == .exit(1))
        #expect(
          outcome.errorText.hasPrefix(
            "error: cannot run \(Self.other.rawValue) programs: this machine needs "
          ),
          "\(outcome.errorText)")
        #expect(outcome.errorText.hasSuffix("help: apt install qemu-user-static\n"))
        #expect(try scene.results().isEmpty)
      }
      guard try ran(draft(Self.other), in: scene) != nil else { return }
      let again = try scene.run(draft(Self.other), environment: without)
      #expect(again.ending == .exit(0), "\(again.errorText)")
      #expect(again.fates.allSatisfy { $0.hasSuffix(" hit") })
    }
  }

  @Test func `the machine runs its own programs, and those of another by an interpreter`() throws {
    try withTemporaryDirectory { folder in
      let own = try Emulation.find(for: try #require(.own), in: folder)
      #expect(own.userNamespace == nil)
      let before = try? Files.names(in: "/proc/sys/fs/binfmt_misc")
      guard Self.isPossible else { return }
      _ = try Emulation.find(for: Self.other, in: folder)
      #expect(try Files.names(in: "/proc/sys/fs/binfmt_misc") == before, "the machine has changed")
    }
  }
}
