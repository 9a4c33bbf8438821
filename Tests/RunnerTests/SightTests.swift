import Files
import Glibc
import Model
import Processes
import Testing

/// What a stage can see of whoever started the runner, and of the machine: nothing.
@Suite struct SightTests {
  /// Runs a command with files open that a stage must not get.
  static func run(
    _ command: Command, in scene: Scene,
    _ run: (Command) throws -> Command.Outcome = { try $0.run() }
  ) throws -> Command.Outcome {
    let folder = try FileDescriptor.open("/", O_RDONLY | O_DIRECTORY)
    let file = try FileDescriptor.open(scene.folder + "/secret", O_RDWR | O_CREAT)
    var command = command
    command.descriptors = [3: file.raw, 9: folder.raw, 63: file.raw, 70: folder.raw]
    return try run(command)
  }

  /// A build of one stage that writes what it sees, by someone with a secret in the environment.
  static func command(_ type: String, in scene: Scene) throws -> Command {
    var draft = Draft()
    let steps = Node.object([("steps", .list([.string("sight /seen")]))])
    if type == "trial-in" {
      let source = draft.source("s", Array("s".utf8), urls: ["file://\(scene.folder)/s"])
      try Files.write(Array("s".utf8), to: scene.folder + "/s")
      draft.pipeline(
        "os", [Draft.Step(type: type, options: steps, inputs: ["in": .sources([source])])])
    } else {
      draft.pipeline("base", [inTree("write /x x")])
      draft.pipeline(
        "os", base: "base", build: "base",
        [
          Draft.Step(type: type, options: steps, inputs: ["in": .pipeline("base")])
        ])
    }
    draft.export("seen", from: "os", "/seen")
    return try scene.command(draft, environment: ["TOKEN": "hunter2"])
  }

  /// Checks what such a stage has written.
  static func check(_ seen: String, _ type: String, in scene: Scene) throws {
    let lines = seen.split(separator: "\n").map(String.init)
    func values(_ prefix: String) -> [String] {
      lines.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    }
    // The last one is the tree, which the stage has opened itself.
    let tree = type == "trial-in" ? "/" : "/run/particle/tree"
    #expect(
      values("open ")
        == ["0: /memfd:particle (deleted)", "1: pipe:", "2: pipe:", "3: \(tree)"])
    #expect(
      values("process ")
        == ["1: /run/particle/init 3 /run/particle/stage", "2: /run/particle/stage"])
    #expect(values("first ").count == 8)
    for value in values("first ") where value != "fd: []" {
      #expect(value.hasSuffix(": Permission denied"), "\(value)")
    }
    #expect(values("variables: ").allSatisfy { !$0.contains("hunter2") && $0.contains("TZ=UTC") })
    #expect(values("device ").count == 4)
    #expect(values("device ").allSatisfy { $0.hasSuffix(": 0") }, "\(values("device "))")
    #expect(values("Max open files") == [" 1024 4096 files"])
    let mounts = values("mountinfo: ") + values("mounts: ")
    #expect(mounts.count > 20)
    for mount in mounts {
      #expect(!mount.contains(scene.folder) && !mount.contains("run-"), "\(mount)")
      #expect(!mount.contains("/stages"), "\(mount)")
    }
  }

  @Test(arguments: ["trial-in", "trial-on"])
  func `a stage has no open file and no word of the caller's`(type: String) throws {
    try Scene.with { scene in
      let outcome = try Self.run(try Self.command(type, in: scene), in: scene)
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      let seen = try scene.text("seen")
      try Self.check(seen, type, in: scene)
      // Who has the machine's files could watch and lock them.
      for name in ["full", "null", "random", "zero"] {
        let info = try Files.information("/dev/\(name)")
        let lines = seen.split(separator: "\n").filter { $0.hasPrefix("file \(name): ") }
        #expect(lines.count == 1 && lines != ["file \(name): \(info.st_dev):\(info.st_ino)"])
      }
    }
  }

  @Test(arguments: ["trial-in", "trial-on"])
  func `what a stage sees of its mounts is the same in every run`(type: String) throws {
    /// All but the numbers of mounts and devices, which the kernel gives out one after the other.
    func mounts() throws -> [String] {
      try Scene.with { scene in
        let outcome = try Self.run(try Self.command(type, in: scene), in: scene)
        #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
        let seen = try scene.text("seen")
        return seen.split(separator: "\n").filter { $0.hasPrefix("mountinfo: ") }.map { line in
          line.split(separator: " ").dropFirst(4).joined(separator: " ")
        }
      }
    }
    #expect(try mounts() == mounts())
  }

  @Test func `a program has the files that it is given, and no others`() throws {
    let one = try FileDescriptor.inMemory(Array("one".utf8))
    let two = try FileDescriptor.inMemory(Array("two".utf8))
    // Open in the programs that others start.
    let leaked = fcntl(one.raw, F_DUPFD, 80)
    defer { close(leaked) }
    let script = """
      read a </dev/fd/\(one.raw); read b </dev/fd/\(two.raw); echo $a $b
      for file in /proc/$$/fd/*; do echo ${file##*/}; done
      """
    let (first, second) = (one.raw, two.raw)
    let third = Int32([7, 8, 9].first { $0 != first && $0 != second } ?? 7)
    let outcome = try Command(
      ["sh", "-c", script], descriptors: [first: second, second: first, third: second]
    ).run()
    let numbers = Set([0, 1, 2, third, first, second].map(String.init))
    #expect(outcome.text.hasPrefix("two one\n"), "\(outcome.text)\(outcome.errorText)")
    let seen = Set(outcome.text.split(separator: "\n").dropFirst().map(String.init))
    // The shell itself has the folder open that it lists.
    #expect(numbers.isSubset(of: seen) && seen.count <= numbers.count + 1, "\(seen) \(numbers)")
  }
}
