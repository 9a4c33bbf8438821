import Files
import Glibc
import Model
import Processes
import Testing

/// Who can read, write and lock what a store keeps.
@Suite struct StoreModeTests {
  private func draft() -> Draft {
    var draft = Draft()
    let text = draft.inline("text", "c2VjcmV0", of: Array("secret".utf8))
    draft.pipeline(
      "os", [inTree("say hello", "copy /end text text", inputs: ["text": .sources([text])])])
    draft.export("end", from: "os", "/end")
    return draft
  }

  private func mode(_ path: String) throws -> mode_t {
    try Files.information(path).st_mode & 0o7777
  }

  private func expectClosed(_ scene: Scene) throws {
    #expect(try mode(scene.store) == 0o700)
    for name in try Files.names(in: scene.store) {
      let path = "\(scene.store)/\(name)"
      let isFolder = try Files.information(path).st_mode & S_IFMT == S_IFDIR
      #expect(try mode(path) == (isFolder ? 0o700 : 0o600), "\(name)")
    }
    #expect(try mode(scene.store + "/sources/sha256") == 0o700)
  }

  @Test func `what a store keeps is its owner's alone`() throws {
    try Scene.with { scene in
      #expect(try scene.run(draft()).ending == .exit(0))
      try expectClosed(scene)
      for folder in [
        "sources/sha256", "used", "actions", "programs", "outputs", "logs", "durations",
      ] {
        let names = try Files.names(in: "\(scene.store)/\(folder)")
        #expect(!names.isEmpty, "\(folder)")
        for name in names { #expect(try mode("\(scene.store)/\(folder)/\(name)") == 0o600) }
      }
    }
  }

  @Test func `a store of an earlier version is closed when it is used`() throws {
    try Scene.with { scene in
      #expect(try scene.run(draft()).ending == .exit(0))
      for name in ["", "/sources", "/sources/sha256", "/actions", "/logs", "/runs"] {
        chmod(scene.store + name, 0o755)
      }
      for name in ["/lock", "/runs.lock", "/ids"] { chmod(scene.store + name, 0o600) }
      chmod(scene.store, 0o775)
      let again = try scene.run(draft())
      #expect(again.fates == ["os/0 hit"], "\(again.errorText)")
      try expectClosed(scene)
    }
  }

  @Test func `a store that others could have filled is refused`() throws {
    let cases = [
      ("mkdir -p store/actions && chmod 777 store", "every user can write to it"),
      ("mkdir store && chown 4242 store", "it belongs to another user"),
      ("mkdir real && ln -s real store && chown -h 4242 store", "created by another user"),
      ("mkdir -p store/actions && chown 4242 store/actions", "it belongs to another user"),
      ("echo >store", "it is not a directory"),
      ("mkdir -p store/thesis", "the directory contains other things: thesis"),
    ]
    for (script, problem) in cases {
      try Scene.with { scene in
        _ = try Command(["sh", "-c", "cd '\(scene.folder)' && \(script)"]).runChecked()
        let before = try Files.information(scene.store)
        let refused = try scene.run(draft())
        #expect(refused.ending == .exit(1), "\(script): \(refused.errorText)")
        #expect(refused.errorText.contains(problem), "\(script): \(refused.errorText)")
        #expect(refused.errorText.contains("with --store"), "\(refused.errorText)")
        // The top of what may be a store is closed all the same.
        let after = try Files.information(scene.store).st_mode
        #expect(after == before.st_mode || after & 0o7777 == 0o700)
      }
    }
  }

  @Test func `a group may be let read logs, sources and actions, and nothing else`() throws {
    try Scene.with { scene in
      #expect(try scene.run(draft()).ending == .exit(0))
      let admitted = try scene.run(draft(), ["--store-readers", "adm"])
      #expect(admitted.ending == .exit(0), "\(admitted.errorText)")
      // What is made after that can be read, too.
      var other = draft()
      other.pipeline("other", [inTree("say more")])
      other.export("other", from: "other", "/")
      #expect(try scene.run(other).ending == .exit(0))
      #expect(try Files.names(in: scene.store + "/logs").count == 2)
      func reader(_ script: String, group: String = "adm") throws -> Command.Outcome {
        try Command([
          "setpriv", "--reuid=4242", "--regid=4242", "--groups=\(group)", "sh", "-c",
          "cd '\(scene.store)' && \(script)",
        ]).run()
      }
      _ = try Command(["chmod", "755", scene.folder]).runChecked()
      let read = try reader("cat logs/* actions/* sources/sha256/* | wc -l && ls")
      #expect(read.ending == .exit(0), "\(read.errorText)")
      for script in [
        "ls layers", "ls tmp", "ls programs", "flock -n lock true", "flock -n runs.lock true",
        "echo x >logs/x", "echo x >>$(ls -d logs/* | head -1)", "mkdir x",
      ] {
        #expect(try reader(script).ending != .exit(0), "\(script)")
      }
      #expect(try reader("true", group: "lp").ending != .exit(0))
      #expect(try scene.run(draft(), ["--store-readers", "none"]).ending == .exit(0))
      #expect(try reader("true").ending != .exit(0))
      let unknown = try scene.run(draft(), ["--store-readers", "nobodys"])
      #expect(
        unknown.ending == .exit(1)
          && unknown.errorText.contains("the group 'nobodys' does not exist"))
    }
  }

  @Test
  func
    `an empty file system in memory becomes a store, and the place of everybody's files does not`()
    throws
  {
    try Scene.with { scene in
      let words = try scene.command(draft(), ["--store", scene.folder + "/memory"]).arguments
      let environment = try scene.command(draft()).environment
      let run = words.map { "'\($0)'" }.joined(separator: " ")
      let script = """
        mkdir '\(scene.folder)/memory' && mount -t tmpfs none '\(scene.folder)/memory' &&
        \(run) && stat -c %a '\(scene.folder)/memory' && mount -t tmpfs none /dev/shm && \(run) --store /dev/shm
        """
      let outcome = try Command(["unshare", "-m", "sh", "-c", script], environment: environment)
        .run()
      #expect(outcome.text.contains("\n700\n"), "\(outcome.errorText)")
      #expect(outcome.ending == .exit(1))
      #expect(outcome.errorText.contains("every user needs that directory"), "\(outcome.errorText)")
    }
  }

  @Test func `a lock is not taken through a link`() throws {
    try Scene.with { scene in
      #expect(try scene.run(draft()).ending == .exit(0))
      try Files.removeTree(scene.store + "/runs.lock")
      _ = try Command(["ln", "-s", scene.folder + "/made", scene.store + "/runs.lock"]).runChecked()
      #expect(try scene.run(draft()).ending == .exit(1))
      #expect(!Files.exists(scene.folder + "/made"))
    }
  }

  /// Runs without HOME as a user whose home is in this line of /etc/passwd.
  private func run(_ scene: Scene, home: String, _ variables: [String: String] = [:]) throws
    -> Command.Outcome
  {
    var command = try scene.command(draft())
    command.arguments.removeLast(2)
    let program = scene.folder + "/particle-run"
    try Files.write(try Files.read(command.arguments[0]), to: program, mode: 0o755)
    command.arguments[0] = program
    try Files.write(
      Array("root:x:0:0::/root:/bin/sh\nann:x:4242:4242::\(home):/bin/sh\n".utf8),
      to: scene.folder + "/passwd")
    let words = command.arguments.map { "'\($0)'" }.joined(separator: " ")
    let script = """
      chmod 755 '\(scene.folder)' && mount --bind '\(scene.folder)/passwd' /etc/passwd &&
      exec setpriv --reuid=4242 --regid=4242 --clear-groups \(words) --plan
      """
    command.environment?.merge(variables) { $1 }
    return try Command(
      ["unshare", "-m", "sh", "-c", script], environment: command.environment
    ).run()
  }

  @Test func `without HOME the store is in the home directory, or nowhere`() throws {
    try Scene.with { scene in
      let homeless = try run(scene, home: "")
      #expect(homeless.ending == .exit(1), "\(homeless.text)")
      #expect(homeless.errorText.contains("HOME is not set, and /etc/passwd has no home directory"))
      #expect(homeless.errorText.contains("help: set HOME, or choose a store with --store"))
      // A relative one does not count (XDG Base Directory Specification).
      for name in ["XDG_CACHE_HOME", "HOME"] {
        #expect(try run(scene, home: "", [name: "here"]).errorText.contains("HOME is not set"))
      }
      #expect(try run(scene, home: scene.folder + "/home").ending == .exit(0))
    }
  }

  @Test func `a missing /proc is told as such`() throws {
    try Scene.with { scene in
      let command = try scene.command(draft())
      let words = command.arguments.map { "'\($0)'" }.joined(separator: " ")
      let outcome = try Command(
        ["unshare", "-m", "sh", "-c", "mount -t tmpfs none /proc && exec \(words)"],
        environment: command.environment
      ).run()
      #expect(outcome.ending == .exit(1), "\(outcome.errorText)")
      #expect(outcome.errorText.contains("cannot use /proc: it is not mounted"))
    }
  }

  @Test func `an empty environment is enough`() throws {
    try Scene.with { scene in
      let command = try scene.command(draft())
      let outcome = try Command(
        ["env", "-i", "PARTICLE_STAGES=\(scene.folder)/stages"] + command.arguments
      ).run()
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
    }
  }
}
