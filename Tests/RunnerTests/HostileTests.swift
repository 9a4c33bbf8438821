import Files
import Glibc
import Model
import Processes
import TestSupport
import Testing

/// Stages and manifests that mean harm.
@Suite struct HostileTests {
  #if arch(x86_64)
    private static let saidOfArchitecture = """
      segments: Operation not permitted
      libraries: Operation not permitted

      """
  #else
    private static let saidOfArchitecture = ""
  #endif

  @Test(arguments: ["trial-in", "trial-on"])
  func `nothing that reaches outside is let through`(type: String) throws {
    try Scene.with { scene in
      var draft = Draft()
      let options = Node.object([("steps", .list([.string("attempt /said")]))])
      draft.pipeline("os", [Draft.Step(type: type, options: options, inputs: [:])])
      draft.export("said", from: "os", "/said")
      let outcome = try scene.run(draft)
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      let whole = try scene.text("said")
      // Kernels are built without some of these.
      let kernel = whole.split(separator: "\n").filter { $0.hasPrefix("the kernel's ") }
      #expect(kernel.count == 7)
      for line in kernel {
        #expect(
          line.hasSuffix(": Permission denied") || line.hasSuffix(": No such file or directory"))
      }
      let said = whole.split(separator: "\n").filter { !$0.hasPrefix("the kernel's ") }
        .map { $0 + "\n" }.joined()
      try #require(
        said == """
          mount: Operation not permitted
          unmount: Operation not permitted
          new namespace: Operation not permitted
          device node: Operation not permitted
          change root: Operation not permitted
          host name: Operation not permitted
          clock: Operation not permitted
          virtual machine's socket: Address family not supported by protocol
          connect: Network is unreachable
          its own program: Read-only file system
          kernel settings: Read-only file system
          interrupts: Read-only file system
          signal outside: No such process
          mode of program 1: Permission denied
          owner of program 1: Permission denied
          time of program 1: Permission denied
          present time of program 1: Permission denied
          write to program 1: Permission denied
          mode of program 2: Read-only file system
          owner of program 2: Read-only file system
          time of program 2: Read-only file system
          present time of program 2: Read-only file system
          write to program 2: Read-only file system
          mode of null: Read-only file system
          owner of null: Read-only file system
          time of null: Read-only file system
          present time of null: Read-only file system
          mode of urandom: Read-only file system
          owner of urandom: Read-only file system
          time of urandom: Read-only file system
          present time of urandom: Read-only file system
          its own settings in /proc: Read-only file system
          secret memory: Operation not permitted
          mounts told: Operation not permitted
          mounts listed: Operation not permitted
          mount copied: Operation not permitted
          quotas: Operation not permitted
          a call of the future: Function not implemented
          typing into a terminal: Operation not permitted
          sockets of the cluster: Address family not supported by protocol
          news of audit: Protocol not supported
          news of processes: Protocol not supported
          news of devices: Protocol not supported

          """ + Self.saidOfArchitecture)
      try Self.recordCalls(whole, as: "root")
    }
  }

  /// Keeps rows of docs/security.md of what stages have tried that reaches outside, and what the kernel said.
  static func recordCalls(_ said: String, as who: String) throws {
    for line in said.split(separator: "\n") {
      let words = line.split(separator: ": ", maxSplits: 1).map(String.init)
      try Attack.record(
        "stage-" + words[0], tries: "within a stage: \(words[0])", expected: "it is refused",
        seen: "refused: " + words[1], as: who)
    }
  }

  @Test func `links and dots in paths stay in the tree`() throws {
    try Scene.with { scene in
      let victim = scene.folder + "/victim"
      try Files.makeDirectories(victim)
      var draft = Draft()
      draft.pipeline("os", [inTree("folder \(victim)", "link /etc \(victim)", "link /up ../../..")])
      draft.pipeline(
        "image", base: "os",
        [
          onTree(
            "write /etc/one x", "write /up/two x", "write /../../three x", "name /etc/one /four")
        ])
      draft.export("one", from: "image", victim + "/one")
      let outcome = try scene.run(draft, ["--export", "one"])
      #expect(outcome.ending == .exit(1), "\(outcome.errorText)")
      try #require(try Files.names(in: victim) == [])
      for name in ["/two", "/three", "/four"] { try #require(!Files.exists(name)) }
      try Attack.record(
        "stage-links", tries: "links and '..' in paths that a stage writes",
        expected: "builds or is refused, and reaches nothing else",
        seen: "refused: nothing is written outside of the tree")
    }
  }

  @Test func `names may have anything that names can have`() throws {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline("os", [inTree("write /a\nb\\ x", "write /-rf x", "write /end x")])
      draft.export("end", from: "os", "/end")
      let outcome = try scene.run(draft)
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      #expect(try scene.listings()[0].contains(" a\\012b\\134\n"))
    }
  }

  @Test(arguments: ["../x", "/x", "a/b", "a\nb", ".."])
  func `an output stays in its folder`(name: String) throws {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline("os", [inTree("write /end x")])
      draft.export(name, from: "os", "/end")
      let outcome = try scene.run(draft)
      #expect(outcome.ending == .exit(2))
      #expect(outcome.errorText.contains("is not a valid file name"), "\(outcome.errorText)")
      #expect(!Files.exists(scene.store))
    }
  }

  @Test(arguments: ["../trial-in", "/bin/sh", "trial-in\0x"])
  func `a stage is a name, and no path`(type: String) throws {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline("os", [Draft.Step(type: type, options: .object([]), inputs: [:])])
      draft.export("end", from: "os", "/end")
      let outcome = try scene.run(draft)
      #expect(outcome.ending == .exit(2), "\(outcome.errorText)")
    }
  }

  @Test func `what a stage leaves running is gone when it ends`() throws {
    try Scene.with { scene in
      let name = "lingers-\(UInt32.random(in: .min ... .max))"
      var draft = Draft()
      draft.pipeline("os", [inTree("linger \(name)", "linger \(name)", "write /end x")])
      draft.export("end", from: "os", "/end")
      let outcome = try scene.run(draft)
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      let running = try Files.names(in: "/proc").filter { process in
        (try? Files.readText("/proc/\(process)/cmdline"))?.hasPrefix(name) == true
      }
      try #require(running == [])
      try Attack.record(
        "stage-lingers", tries: "processes that go on when the stage has ended",
        expected: "they are ended", seen: "they are gone")
    }
  }

  @Test func `a log has an end`() throws {
    let megabytes = FullTest.count(80, full: 1024)
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline("os", [inTree("flood \(megabytes)", "write /end x")])
      draft.export("end", from: "os", "/end")
      let outcome = try scene.run(draft)
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      let log = scene.store + "/logs/" + (try Files.names(in: scene.store + "/logs")[0])
      let note = "\n(the log ends here: the stage wrote more than 64 MiB)\n"
      #expect(try Files.information(log).st_size == 64 << 20 + note.utf8.count)
      #expect(try Files.read(log).suffix(note.utf8.count) == Array(note.utf8)[...])
    }
    try FullTest.record("a stage that prints \(megabytes) MiB", count: 1, "64 MiB are kept")
  }
}
