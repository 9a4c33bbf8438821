import Files
import Glibc
import Hashing
import Model
import Processes
import Runner
import TestSupport
import Testing

/// What is in the way of outputs, and stays.
@Suite struct OutputTests {
  /// A manifest whose exports have this content.
  private func draft(_ content: String = "one", names: [String] = ["disk"], trees: [String] = [])
    -> Draft
  {
    var draft = Draft()
    draft.pipeline("os", [inTree("write /disk \(content)", "mode /disk 600")])
    for name in names { draft.export(name, from: "os", "/disk") }
    for name in trees { draft.export(name, from: "os", "/") }
    return draft
  }

  /// Whether nothing was built.
  private func isUntouched(_ scene: Scene) -> Bool { !Files.exists(scene.store + "/actions") }

  @Test func `a file that nobody placed stays, until it is forced`() throws {
    try Scene.with { scene in
      try Files.makeDirectories(scene.output)
      try Files.write(Array("mine".utf8), to: scene.output + "/disk")
      let refused = try scene.run(draft())
      #expect(refused.ending == .exit(2), "\(refused.errorText)")
      #expect(
        refused.errorText.contains("'\(scene.output)/disk' was not placed by an earlier run"))
      #expect(refused.errorText.contains("--force replaces it"))
      #expect(try scene.text("disk") == "mine" && isUntouched(scene))
      #expect(try scene.run(draft(), ["--force"]).ending == .exit(0))
      #expect(try scene.text("disk") == "one")
    }
  }

  @Test(arguments: ["store", "SHA256SUMS"])
  func `a file that was placed is replaced, changed or not`(byWhat: String) throws {
    try Scene.with { scene in
      #expect(try scene.run(draft()).ending == .exit(0))
      try Files.removeTree(byWhat == "store" ? scene.output + "/SHA256SUMS" : scene.store)
      try Files.write(Array("booted".utf8), to: scene.output + "/disk")
      let again = try scene.run(draft("two"))
      #expect(again.ending == .exit(0), "\(again.errorText)")
      #expect(try scene.text("disk") == "two")
      #expect(try Files.names(in: scene.output) == ["SHA256SUMS", "disk"])
    }
  }

  @Test func `a directory is replaced only as it was placed`() throws {
    try Scene.with { scene in
      let place = scene.output + "/tree"
      func refusal(_ problem: String, _ draft: Draft) throws {
        let outcome = try scene.run(draft)
        #expect(outcome.ending == .exit(2), "\(outcome.errorText)")
        #expect(outcome.errorText.contains("'\(place)' \(problem)"), "\(outcome.errorText)")
      }
      let (one, two) = (
        draft("one", names: [], trees: ["tree"]), draft("two", names: [], trees: ["tree"])
      )
      try Files.makeDirectories(place)
      try Files.write(Array("mine".utf8), to: place + "/thesis")
      try refusal("was not placed by an earlier run", one)
      #expect(isUntouched(scene))
      // A listing of another program does not make it ours.
      try Files.write(Array("mine".utf8), to: place + ".listing")
      try refusal("was not placed by an earlier run", one)
      #expect(try Files.names(in: scene.output) == ["tree", "tree.listing"])
      #expect(try scene.text("tree/thesis") == "mine")
      #expect(try scene.run(one, ["--force"]).ending == .exit(0))
      #expect(try scene.text("tree/disk") == "one")
      #expect(try scene.run(two).ending == .exit(0))
      #expect(try scene.text("tree/disk") == "two")
      for change in ["echo x >tree/disk", "touch tree/extra", "rm tree/disk", "chmod 700 tree/run"]
      {
        _ = try Command(["sh", "-c", "cd '\(scene.output)' && \(change)"]).runChecked()
        try refusal("was changed since it was placed", one)
        #expect(try scene.run(two, ["--force"]).ending == .exit(0))
      }
      #expect(try Files.names(in: scene.output) == ["SHA256SUMS", "tree", "tree.listing"])
    }
  }

  @Test func `a change that leaves size and time as they were is found before it is lost`() throws {
    try Scene.with { scene in
      let place = scene.output + "/tree"
      #expect(try scene.run(draft("one", names: [], trees: ["tree"])).ending == .exit(0))
      let script =
        "touch -r disk ../time && printf 111 >disk && touch -r ../time disk && rm ../time"
      _ = try Command(["sh", "-c", "cd '\(place)' && \(script)"]).runChecked()
      let refused = try scene.run(draft("two", names: [], trees: ["tree"]))
      #expect(refused.ending == .exit(1), "\(refused.errorText)")
      #expect(refused.errorText.contains("was changed since it was placed"))
      #expect(try scene.text("tree/disk") == "111")
      #expect(try Files.names(in: scene.output) == ["SHA256SUMS", "tree", "tree.listing"])
    }
  }

  @Test(arguments: [
    ("mknod disk c 1 3", "a device"), ("mkfifo disk", "a pipe"),
    ("echo x >other && ln -s other disk", "a symbolic link"),
    ("ln -s nowhere disk", "a symbolic link"),
  ])
  func `what is neither a file nor a directory is never replaced`(make: String, kind: String) throws
  {
    try Scene.with { scene in
      try Files.makeDirectories(scene.output)
      _ = try Command(["sh", "-c", "cd '\(scene.output)' && \(make)"]).runChecked()
      let before = try Files.information(scene.output + "/disk")
      for options in [[], ["--force"]] {
        let refused = try scene.run(draft(), options)
        #expect(refused.ending == .exit(2), "\(refused.errorText)")
        #expect(refused.errorText.contains("'\(scene.output)/disk' is \(kind)"))
      }
      let after = try Files.information(scene.output + "/disk")
      #expect(after.st_ino == before.st_ino && after.st_mode == before.st_mode)
      #expect(isUntouched(scene))
    }
  }

  @Test func `checksums of others stay, and what is no list of checksums is not replaced`() throws {
    try Scene.with { scene in
      try Files.makeDirectories(scene.output)
      let sums = scene.output + "/SHA256SUMS"
      try Files.write(Array("see the wiki\n".utf8), to: sums)
      let refused = try scene.run(draft())
      #expect(refused.ending == .exit(2))
      #expect(refused.errorText.contains("contains more than checksums"))
      let other = String(repeating: "0", count: 64)
      try Files.write(Array("\(other)  debian.iso\n\(other) *gone\n".utf8), to: sums)
      try Files.write([], to: scene.output + "/debian.iso")
      #expect(try scene.run(draft(names: ["disk", "zero"])).ending == .exit(0))
      let names = try scene.text("SHA256SUMS").split(separator: "\n").map { $0.dropFirst(66) }
      #expect(names == ["debian.iso", "disk", "zero"])
      try Files.removeTree(sums)
      try Files.makeDirectories(sums)
      #expect(try scene.run(draft()).errorText.contains("'\(sums)' is a directory"))
    }
  }

  @Test func `names that exclude each other are refused, and long ones fit`() throws {
    try Scene.with { scene in
      let longest = String(repeating: "y", count: 255)
      for (wrong, problem) in [
        (draft(names: ["SHA256SUMS"]), "it is reserved for the checksums"),
        (draft(names: ["a.listing"], trees: ["a"]), "would both be written to 'a.listing'"),
        (draft(names: [longest + "y"]), "longer than 255 bytes"),
        (draft(names: [], trees: [String(repeating: "t", count: 250)]), "258 bytes"),
        (draft(names: [".particle-0123456789abcdef"]), "it begins with a '.'"),
        (draft(names: [], trees: [".git"]), "it begins with a '.'"),
      ] {
        let refused = try scene.run(wrong)
        #expect(refused.ending == .exit(2), "\(refused.errorText)")
        #expect(refused.errorText.contains(problem), "\(refused.errorText)")
        #expect(isUntouched(scene))
      }
      let tree = String(repeating: "t", count: 247)
      let outcome = try scene.run(draft(names: [longest], trees: [tree]))
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      #expect(try Files.names(in: scene.output).count == 4)
    }
  }

  @Test func `outputs do not go into the store, nor over it`() throws {
    try Scene.with { scene in
      func run(_ output: String, _ store: String, _ name: String = "disk") throws -> Command.Outcome
      {
        try scene.run(draft(names: [name]), ["-o", output, "--store", store])
      }
      let store = scene.store
      try Files.makeDirectories(scene.folder + "/place")
      _ = try Command(["ln", "-s", store, scene.folder + "/alias"]).runChecked()
      for output in [store, store + "/out", store + "/a/../b", scene.folder + "/alias/x"] {
        let refused = try run(output, store)
        #expect(refused.ending == .exit(2), "\(output): \(refused.errorText)")
        #expect(refused.errorText.contains("is in the store"), "\(refused.errorText)")
      }
      let over = try run(scene.folder, store, "store")
      #expect(over.ending == .exit(2) && over.errorText.contains("the store \(store) is there"))
      #expect(isUntouched(scene))
      let beside = try run(scene.folder + "/place", scene.folder + "/place/store")
      #expect(beside.ending == .exit(0), "\(beside.errorText)")
    }
  }

  @Test func `a place where nothing can be written is told before anything is built`() throws {
    try Scene.with { scene in
      try Files.write([], to: scene.folder + "/file")
      _ = try Command(["ln", "-s", "nowhere", scene.folder + "/dangling"]).runChecked()
      for (name, problem) in [("file", "is not a directory"), ("dangling", "dangling symbolic")] {
        let refused = try scene.run(draft(), ["-o", "\(scene.folder)/\(name)"])
        #expect(refused.ending == .exit(2) && refused.errorText.contains(problem))
        #expect(isUntouched(scene))
      }
      try Files.makeDirectories(scene.output)
      let command = try scene.command(draft())
      let script = """
        mount -t tmpfs -o ro none '\(scene.output)' &&
        exec \(command.arguments.map { "'\($0)'" }.joined(separator: " "))
        """
      let outcome = try Command(
        ["unshare", "-m", "sh", "-c", script], environment: command.environment
      ).run()
      #expect(outcome.ending == .exit(1), "\(outcome.errorText)")
      #expect(
        outcome.errorText.contains("write to \(scene.output): Read-only file system"))
      #expect(outcome.errorText.contains("choose another directory with -o") && isUntouched(scene))
    }
  }

  @Test func `what a killed run has left goes, and what another is writing stays`() throws {
    try Scene.with { scene in
      let left = scene.output + "/.particle-0123456789abcdef"
      let live = scene.output + "/.particle-fedcba9876543210"
      try Files.makeDirectories(left + "/tree")
      try Files.write([], to: live)
      let lock = try FileLock(live, .exclusive)
      #expect(try scene.run(draft()).ending == .exit(0))
      #expect(!Files.exists(left) && Files.exists(live))
      _ = consume lock
      // A program that another test is starting may have it for a moment, too.
      while try FileLock.attempt(live, .exclusive) == nil { usleep(1000) }
      #expect(try scene.run(draft()).ending == .exit(0))
      let names = try Files.names(in: scene.output)
      #expect(names == ["SHA256SUMS", "disk"])
    }
  }

  @Test func `two runs place into one directory`() throws {
    try Scene.with { scene in
      let commands = try ["a", "b", "c", "d"].map {
        try scene.command(draft(names: [$0, $0 + "2"], trees: [$0 + "-tree"])).arguments
      }
      let lines = commands.map { words in words.map { "'\($0)'" }.joined(separator: " ") + " &" }
      let environment = try scene.command(draft()).environment
      let outcome = try Command(
        ["sh", "-c", lines.joined(separator: "\n") + "\nwait"], environment: environment
      ).run()
      let names = try scene.text("SHA256SUMS").split(separator: "\n").map { $0.dropFirst(66) }
      #expect(names.count == 12, "\(outcome.errorText)")
      let check = try Command([
        "env", "-C", scene.output, "sha256sum", "--check", "--quiet", "--strict", "SHA256SUMS",
      ]).run()
      #expect(check.ending == .exit(0), "\(check.text)")
    }
  }

  @Test(arguments: ["022", "077", "002"])
  func `outputs follow the umask`(mask: String) throws {
    try Scene.with { scene in
      let command = try scene.command(draft(trees: ["tree"]))
      let outcome = try Command(
        ["sh", "-c", "umask \(mask) && exec \"$@\"", "sh"] + command.arguments,
        environment: command.environment
      ).run()
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      let bits = mode_t(mask, radix: 8) ?? 0
      for name in ["disk", "SHA256SUMS", "tree.listing"] {
        let mode = try Files.information(scene.output + "/" + name).st_mode & 0o7777
        #expect(mode == 0o666 & ~bits, "\(name)")
      }
      #expect(try Files.information(scene.output).st_mode & 0o7777 == 0o777 & ~bits)
    }
  }

  @Test(arguments: ["mode /disk 4755", "mode /disk 2755", "capability /disk x"])
  func `a system whose programs have rights is not placed where everybody can run them`(
    step: String
  ) throws {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline("os", [inTree("write /disk one", step)])
      draft.export("tree", from: "os", "/")
      // Not beneath the directory of the test, which only root can enter.
      let open = try Files.makeTemporaryDirectory(in: "/var/tmp", prefix: "particle-test-")
      defer { try? Files.removeTree(open) }
      let place = open + "/out"
      try Files.makeDirectories(place)
      for folder in [open, place] { chmod(folder, 0o755) }
      let refused = try scene.run(draft, ["-o", place])
      #expect(refused.ending == .exit(1), "\(refused.errorText)")
      #expect(refused.errorText.contains("/disk would give its rights to other users"))
      #expect(refused.errorText.contains("close it: chmod 700 \(place); --force"))
      #expect(try Files.names(in: place) == [])
      _ = try Command(["chmod", "700", place]).runChecked()
      #expect(try scene.run(draft, ["-o", place]).ending == .exit(0))
      for (mode, owner) in [(0o755 as mode_t, 0 as uid_t), (0o710, 0), (0o700, 4242)] {
        chmod(place, mode)
        chown(place, owner, 0)
        let again = try scene.run(draft, ["-o", place])
        #expect(again.ending == .exit(1), "\(again.errorText)")
      }
      // A new one is closed in any case, and in a directory of another user, who can enter that.
      chown(open, 4242, 0)
      chmod(open, 0o700)
      #expect(try scene.run(draft, ["-o", open + "/other"]).ending == .exit(0))
      #expect(try Files.information(open + "/other").st_mode & 0o7777 == 0o700)
      #expect(try scene.run(draft, ["-o", scene.folder + "/closed"]).ending == .exit(0))
      #expect(try Files.information(scene.folder + "/closed").st_mode & 0o7777 == 0o700)
      #expect(try scene.run(draft, ["-o", open, "--force"]).ending == .exit(0))
    }
  }

  @Test func `what takes an output's place meanwhile stays`() throws {
    try withTemporaryDirectory { folder in
      let (new, place) = (folder + "/new", folder + "/place")
      func said(_ replaceable: Files.Replaceable) throws -> String? {
        try Files.write(Array("new".utf8), to: new)
        do throws(Failure) { try Files.put(new, at: place, insteadOf: replaceable) } catch {
          return error.cause
        }
        return nil
      }
      #expect(try said(.only(nil)) == nil)
      let looked = Files.Occupant(place)
      #expect(try said(.only(looked)) == nil && Files.readText(new) == "new")
      // Another file has the name now.
      let cause = "something else has taken its place meanwhile"
      #expect(try said(.only(looked)) == cause)
      #expect(try said(.only(nil)) == cause)
      #expect(try said(.anyFile) == nil)
      for make in ["mkfifo place", "mkdir place && touch place/mine", "ln -s new place"] {
        _ = try Command(["sh", "-c", "cd '\(folder)' && rm -rf place && \(make)"]).runChecked()
        let before = Files.Occupant(place)
        #expect(try said(.anyFile) == cause && Files.Occupant(place) == before, "\(make)")
      }
    }
  }

  @Test func `thousands of outputs do not cost thousands of lists`() throws {
    try withTemporaryDirectory { folder in
      let file = folder + "/SHA256SUMS"
      let sums = SumsFile(in: folder)
      var count = 0
      func write() throws {
        guard let text = sums.text else { return }
        try Files.write(text, to: file)
        sums.forget()
        count += 1
      }
      let names = (0..<3000).map { "disk-\($0)" }
      for name in names {
        try Files.write([], to: "\(folder)/\(name)")
        if sums.set(name, SHA256.digest(Array(name.utf8))) { try write() }
      }
      try write()
      #expect(1...30 ~= count, "\(count)")
      let lines = try Files.readText(file).split(separator: "\n").map { String($0.dropFirst(66)) }
      #expect(lines == names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) })
    }
  }

  @Test func `closed streams are not taken for files, and a result that nobody gets is an error`()
    throws
  {
    try Scene.with { scene in
      let command = try scene.command(draft())
      func run(_ script: String) throws -> Command.Outcome {
        try Command(
          ["sh", "-c", "\"$@\" \(script)", "sh"] + command.arguments,
          environment: command.environment
        ).run()
      }
      let closed = try run("<&- >&- 2>&-")
      #expect(closed.ending == .exit(1))
      #expect(try scene.text("disk") == "one")
      let said = try run("<&- >&-")
      #expect(said.ending == .exit(1))
      #expect(said.errorText.contains("cannot write standard output: Bad file descriptor"))
      let full = try run("--json >/dev/full")
      #expect(full.ending == .exit(1))
      #expect(full.errorText.contains("cannot write standard output: No space left on device"))
    }
  }
}
