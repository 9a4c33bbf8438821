import Files
import Model
import Processes
import TestSupport
import Testing

extension EndToEnd.Machines {
  /// `particle vm`, as people call it.
  @Suite(.serialized, .removing("vm")) struct VirtualMachines {
    private let place = scratch + "/vm"
    private static let full = ConditionTrait.enabled(
      if: FullTest.isOn, "only with PARTICLE_TEST=full")

    init() throws { try Files.makeDirectories(place) }

    /// A disk from which nothing starts: the firmware says so on the screen.
    private func blankDisk() throws -> String {
      let disk = place + "/blank.raw"
      try Files.write([UInt8](repeating: 0, count: 1 << 20), to: disk)
      return disk
    }

    @Test func `a picture of the screen shows what the firmware says`() throws {
      let picture = place + "/screen.png"
      _ = try succeeding([
        "particle", "vm", try blankDisk(), "--screenshot", picture, "--after", "8",
      ])
      // Width, height, and how many colours there are in its first 100 lines: more than a black screen has.
      let script = """
        import struct, sys, zlib
        data = open(sys.argv[1], 'rb').read()
        assert data[:8] == b'\\x89PNG\\r\\n\\x1a\\n'
        width, height, depth, kind = struct.unpack('>IIBB', data[16:26])
        at, packed = 8, b''
        while at < len(data):
          size, name = struct.unpack('>I4s', data[at:at + 8])
          packed += data[at + 8:at + 8 + size] if name == b'IDAT' else b''
          at += size + 12
        rows = zlib.decompress(packed)
        print(width, height, len(set(rows)) > 2)
        """
      let seen = try tool(["python3", "-c", script, picture], from: "python3")
      #expect(seen == "720 400 True\n")
    }

    @Test(full) func `a window shows the machine, and Ctrl-C closes it`() throws {
      // The X server keeps its screen in a file (Xvfb(1), -fbdir). Letters bring colours that an empty screen has not.
      let script = """
        import os, signal, subprocess, sys, time
        folder, command = sys.argv[1], sys.argv[2:]
        reading, writing = os.pipe()
        server = subprocess.Popen(['Xvfb', '-displayfd', str(writing), '-screen', '0', '800x600x24',
                                   '-fbdir', folder], pass_fds=[writing])
        display = ':' + os.read(reading, 16).decode().strip()
        def colours():
          screen = open(folder + '/Xvfb_screen0', 'rb').read()
          return {screen[at:at + 4] for at in range(0, len(screen), 4)}
        before, new = colours(), set()
        machine = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   env={**os.environ, 'DISPLAY': display})
        for _ in range(120):
          time.sleep(1)
          new = colours() - before
          if len(new) > 50: break
        machine.send_signal(signal.SIGINT)
        print(len(new) > 50, machine.wait(60))
        server.terminate()
        """
      let seen = try tool(
        [
          "python3", "-c", script, place, try Places.program("particle"), "vm", try blankDisk(),
          "--graphical", "--quiet",
        ], from: "python3")
      #expect(seen.hasPrefix("True 130\n"), "\(seen)")
    }

    @Test func `a key leaves the machine, and what it asked of the terminal reaches no shell`()
      throws
    {
      let said = try tool(
        [
          "python3", Places.repository + "/Tests/EndToEndTests/Recipes/terminal.py",
          try Places.program("particle"), "vm", try blankDisk(), "--memory", "64",
        ], from: "python3")
      #expect(said == "status 0, terminal as it was, left to read: b''\n", "\(said)")
    }

    @Test(arguments: [
      (["--port", "80"], "write 8080:80"), (["--until", "login:"], "--screenshot"),
      (["--screenshot", "x.png"], "add --until"), (["--memory", "0"], "--memory"),
      (["--screenshot", "x.png", "--after", "1", "--run", "true"], "cannot be used with"),
      (["--image", "disk.raw"], "for a recipe"),
    ])
    func `a command line that means nothing is refused`(options: [String], saying text: String)
      throws
    {
      let refused = try particle(["particle", "vm", "disk.raw"] + options)
      #expect(refused.ending == .exit(2), "\(refused.said)")
      #expect(refused.errors.lowercased().contains(text), "\(refused.said)")
    }

    @Test func `Ctrl-C ends a machine, and leaves no key`() throws {
      let temporary = place + "/temporary"
      try Files.makeDirectories(temporary)
      let ended = try particle(
        ["particle", "vm", try blankDisk(), "--run", "true", "--quiet"],
        through: [
          "env", "TMPDIR=" + temporary, "timeout", "--preserve-status", "--signal=INT", "5",
        ])
      #expect(
        ended.ending == .exit(130) && ended.errors == "particle: interrupted\n", "\(ended.said)")
      #expect(try Files.names(in: temporary) == [])
    }

    @Test func `a seed has what cloud-init looks for`() throws {
      for (files, missing) in [([String](), "user-data"), (["user-data"], "meta-data")] {
        let seed = "\(place)/seed-\(files.count)"
        try Files.makeDirectories(seed)
        for name in files { try Files.write([], to: "\(seed)/\(name)") }
        let refused = try particle(["particle", "vm", try blankDisk(), "--seed", seed])
        #expect(
          refused.ending == .exit(1) && refused.errors.contains("'\(missing)'"), "\(refused.said)")
      }
    }

    @Test func `a recipe that makes no disk starts no machine`() throws {
      let recipe =
        "version: 1\nname: none\nbase: {debian: trixie}\nimages: [{name: root, formats: [tar]}]\n"
      try Files.write(Array(recipe.utf8), to: place + "/none.yml")
      let refused = try particle(["particle", "vm", place + "/none.yml"])
      #expect(refused.ending == .exit(1), "\(refused.said)")
      #expect(
        refused.errors.contains("none of its exports can start a machine: root.tar"),
        "\(refused.said)"
      )
    }

    @Test(full) func `a command is run by the serial console where there is no SSH server`() throws
    {
      let answer = try particle([
        "particle", "vm", try Chain.shared.get().first.out + "/disk.qcow2", "--timeout", "1200",
        "--quiet", "--run", "id -un; echo problem >&2; exit 7",
      ])
      #expect(answer.ending == .exit(7) && answer.output == "root\nproblem\n", "\(answer.said)")
      // Nothing of it is in the image.
      try tool(
        ["qemu-img", "compare"]
          + ["qcow2", "raw"].map { try Chain.shared.get().first.out + "/disk.\($0)" },
        from: "qemu-utils")
    }

    @Test(full) func `what the page of the network module shows for a VLAN makes one`() throws {
      let page = try Files.readText(Places.repository + "/docs/modules/network.md")
      let before = try #require(page.firstRange(of: "takes drop-ins:\n\n```yaml\n"))
      let block = page[before.upperBound...]
      let recipe = """
        version: 1
        name: vlan
        base: {debian: trixie}
        images: [{name: disk, formats: [raw], size: 3GiB}]
        modules:
        - {type: packages, install: [linux-image-cloud-amd64, systemd-sysv, udev, dbus, iproute2]}
        - {type: network, interfaces: [{name: wired, match: "en*", dhcp: true}]}
        \(block[..<(try #require(block.firstRange(of: "```")).lowerBound)])
        """
      try Files.write(Array(recipe.utf8), to: place + "/vlan.yml")
      let answer = try particle([
        "particle", "vm", place + "/vlan.yml", "--timeout", "1200", "--quiet", "--run",
        "/usr/lib/systemd/systemd-networkd-wait-online --interface=vlan10 --timeout=300;"
          + " ip -brief -4 address show vlan10 | sed 's/@.* UP/ UP/; s/  */ /g; s/ $//'",
      ])
      #expect(
        answer.ending == .exit(0) && answer.output == "vlan10 UP 192.0.2.10/24\n", "\(answer.said)"
      )
    }

    @Test(full) func `what is to stay is in the image when the machine has gone down`() throws {
      let disk = place + "/kept.raw"
      try tool(
        ["cp", "--sparse=always", try Chain.shared.get().first.out + "/disk.raw", disk],
        from: "coreutils")
      for (command, said) in [("echo kept >/var/kept", ""), ("cat /var/kept", "kept\n")] {
        let answer = try particle([
          "particle", "vm", disk, "--persist", "--timeout", "1200", "--quiet", "--run", command,
        ])
        #expect(answer.ending == .exit(0) && answer.output == said, "\(answer.said)")
      }
    }
  }
}
