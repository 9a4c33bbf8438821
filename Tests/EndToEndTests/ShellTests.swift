import Files
import Glibc
import Model
import Processes
import TestSupport
import Testing

extension EndToEnd {
  /// `particle shell`, in the system of the chain.
  @Suite(.serialized, .besideAnother) struct Shell {
    private let chain: Chain

    init() throws { chain = try Chain.shared.get() }

    private func shell(_ words: [String], in place: Chain.Place) throws -> Finished {
      try particle(
        ["particle", "shell", chain.manifestPath, "--store", place.store] + words,
        through: place.prefix)
    }

    @Test(arguments: ["root", "user"])
    func `a command sees the finished system, and what it changes is gone`(who: String) throws {
      let place = who == "root" ? chain.first : chain.second
      let script = "echo changed >/etc/hostname; rm -r /usr/share/doc; cat /etc/hostname; exit 7"
      let first = try shell(["--", "sh", "-c", script], in: place)
      #expect(first.ending == .exit(7) && first.output == "changed\n", "\(first.said)")
      let second = try shell(
        ["--", "sh", "-c", "cat /etc/hostname; ls -d /usr/share/doc; id -u; dpkg --audit"],
        in: place)
      #expect(second.output == "minimal\n/usr/share/doc\n0\n", "\(second.said)")
      #expect(try Files.names(in: place.store + "/tmp") == [])
    }

    @Test func `a shell reads what it is given, and has no network`() throws {
      let said = try particle(
        ["particle", "shell", chain.manifestPath, "--store", chain.first.store],
        through: ["sh", "-c", "echo 'ls /sys/class/net /proc/self/ns | wc -l; pwd' | \"$@\"", "sh"])
      #expect(said.ending == .exit(0) && said.output.hasSuffix("/\n"), "\(said.said)")
      let interfaces = try shell(["--", "sh", "-c", "grep -c : /proc/net/dev"], in: chain.first)
      #expect(interfaces.output == "1\n", "\(interfaces.said)")
    }

    @Test func `a program of the tree cannot change what our streams are`() throws {
      let attack =
        "echo changed >/proc/self/fd/0; chmod 777 /proc/self/fd/0; readlink /proc/self/fd/[012]"
      let file = scratch + "/shell-input"
      try Files.write(Array("mine\n".utf8), to: file, mode: 0o640)
      let piped = try particle(
        [
          "particle", "shell", chain.manifestPath, "--store", chain.first.store, "--", "sh", "-c",
          attack,
        ], through: ["sh", "-c", "exec \"$@\" <'\(file)'", "sh"])
      let ends = piped.output.split(separator: "\n")
      #expect(ends.count == 3 && ends.allSatisfy { $0.hasPrefix("pipe:") }, "\(piped.said)")
      #expect(try Files.readText(file) == "mine\n")
      #expect(try Files.information(file).st_mode & 0o7777 == 0o640)
      // The same for a terminal, whose other end is a program's.
      let words = [
        try Places.program("particle"), "shell", chain.manifestPath, "--store", chain.first.store,
        "--", "sh", "-c", "\(attack.replacing("readlink", with: "tty; readlink")); exit 7",
      ].map(shellWord).joined(separator: " ")
      let line =
        "before=$(stat -c '%a %u' $(tty)); \(words); echo status $?; after=$(stat -c '%a %u' $(tty)); "
        + "[ \"$before\" = \"$after\" ] && echo untouched"
      let seen = try tool(
        ["env", "SHELL=/bin/sh", "script", "-q", "-c", line, "/dev/null"], from: "bsdutils")
      #expect(seen.contains("status 7\r\n") && seen.contains("untouched\r\n"), "\(seen)")
    }

    @Test func `the tree of another pipeline is named`() throws {
      let tools = try shell(["--pipeline", "build", "--", "ls", "/usr/bin/mcopy"], in: chain.first)
      #expect(tools.output == "/usr/bin/mcopy\n", "\(tools.said)")
      let gone = try shell(["--pipeline", "gone"], in: chain.first)
      #expect(gone.ending == .exit(2) && gone.errors.contains("choose one of build, "))
      let disk = try shell(["--pipeline", "disk.raw"], in: chain.first)
      #expect(disk.ending == .exit(1) && disk.errors.contains("it has no /bin/sh"), "\(disk.said)")
    }

    @Test func `what asks the program to end, ends the command`() throws {
      let ended = try particle(
        [
          "particle", "shell", chain.manifestPath, "--store", chain.first.store, "--", "sleep",
          "600",
        ], through: ["timeout", "--preserve-status", "--signal=TERM", "5"])
      #expect(ended.ending == .exit(143), "\(ended.said)")
      #expect(try Files.names(in: chain.first.store + "/tmp") == [])
    }

    @Test func `a system that was not built is told with what to do`() throws {
      let empty = scratch + "/shell-store"
      let said = try particle(
        ["particle", "shell", chain.manifestPath, "--store", empty])
      #expect(said.ending == .exit(1), "\(said.said)")
      #expect(said.errors.contains("it does not exist"), "\(said.said)")
      #expect(!Files.exists(empty))
    }
  }
}
