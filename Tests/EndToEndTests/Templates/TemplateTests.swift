import Boot
import Files
import Model
import TestSupport
import Testing

extension EndToEnd.Machines {
  /// The templates, as they are given to people, used for what they are for.
  @Suite(.serialized, .removing("templates", "kernels")) struct Templates {
    private static let full = ConditionTrait.enabled(
      if: FullTest.isOn, "only with PARTICLE_TEST=full")

    private static func asked(_ name: String) -> ConditionTrait {
      .enabled(if: Template.isAsked(name), "only with \(name) in PARTICLE_TEST_TEMPLATES")
    }

    @Test(asked("web")) func `web serves a page`() throws {
      let web = Template(name: "web", use: "a page from nginx through a forwarded port")
      defer { web.remove() }
      let http = try Network.Forwarding(guest: 80)
      let folder = try web.build(only: ["disk.raw"], kernel: try earlierKernel())
      let machine = try web.start(folder, network: .user(forwarding: [http]))
      try machine.expectLife()
      try expectPage(at: http)
      // What a machine can be updated from.
      let sources = try machine.run("grep -h ^Suites: /etc/apt/sources.list.d/debian.sources")
      try #require(
        sources.output.split(separator: "\n") == [
          "Suites: trixie trixie-updates", "Suites: trixie-security",
        ], "\(sources)")
      try web.prove()
      guard FullTest.isOn else { return }
      try web.age(machine)
      try expectPage(at: http)
    }

    private func expectPage(at http: Network.Forwarding) throws {
      let page = try tool(
        ["curl", "--silent", "--fail", "--max-time", "120", "http://127.0.0.1:\(http.host)/"],
        from: "curl")
      try #require(page.contains("<title>It works</title>"), "\(page)")
    }

    /// In a full test a template is built with a kernel that apt replaces later.
    private func earlierKernel() throws -> String? {
      FullTest.isOn ? try LaterKernel.shared.get().earlierPackage : nil
    }

    @Test(asked("cloud")) func `cloud lets in whom its seed names, by the console and by a key`()
      throws
    {
      let cloud = Template(
        name: "cloud", firmware: .bios, user: "ann",
        use: "a user of a NoCloud seed comes in by the console and by an SSH key")
      defer { cloud.remove() }
      let place = try cloud.build(only: ["disk.raw"])
      let ssh = try Network.Forwarding(guest: 22)
      let machine = try Machine(
        image: place + "/disk.raw", firmware: .bios,
        further: FullTest.isOn ? [try LaterKernel.shared.get().disk] : [],
        seed: try seed(in: place), network: .user(forwarding: [ssh]), restarts: FullTest.isOn)
      // The prompt can come before the user is there; cloud-init says when it is done.
      try machine.expect("Cloud-init v.", within: 1200)
      try machine.expect("finished at", within: 1200)
      try machine.logIn(user: "ann", password: "particle", isUp: true, within: 900)
      try machine.quieten()
      try machine.expectLife()
      let sudo = try machine.run("sudo id -un")
      try #require(sudo.output == "root", "\(sudo)")
      let said = try secureShell(ssh, key: place + "/key", "ann", "hostname; id -un")
      try #require(said == "seeded\nann\n")
      try cloud.prove()
      if FullTest.isOn { try cloud.age(machine) }
    }

    /// What a command says that is given through SSH.
    private func secureShell(
      _ port: Network.Forwarding, key: String, _ user: String, _ command: String
    ) throws -> String {
      try tool(
        [
          "ssh", "-i", key, "-p", "\(port.host)", "-o", "BatchMode=yes", "-o",
          "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
          "-o", "IdentitiesOnly=yes", "\(user)@127.0.0.1", command,
        ], from: "openssh-client")
    }

    private func makeKey(_ path: String) throws {
      try tool(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], from: "openssh-client")
    }

    /// A folder for cloud-init's NoCloud, that names a user with a password and a key, which is made beside it.
    private func seed(in place: String) throws -> String {
      let seed = place + "/seed"
      try Files.makeDirectories(seed)
      try makeKey(place + "/key")
      let user = """
        #cloud-config
        users:
          - name: ann
            shell: /bin/bash
            sudo: "ALL=(ALL) NOPASSWD:ALL"
            lock_passwd: false
            passwd: "$6$particle$qGQvmafmH3kOD8DkBDjY2B.oq88BQVR13JZzDWDzBFAopCTcMgPGJrzXdIfLTmm63ZGPxsjfd3l77VeBttTUh."
            ssh_authorized_keys: ["\(try Files.readText(place + "/key.pub").filter { $0 != "\n" })"]

        """
      try Files.write(Array(user.utf8), to: seed + "/user-data")
      try Files.write(
        Array("instance-id: one\nlocal-hostname: seeded\n".utf8), to: seed + "/meta-data")
      return seed
    }

    @Test(full, arguments: Template.servers.filter(\.isAsked))
    func `a server does what it is for, and ages`(server: Template) throws {
      defer { server.remove() }
      let folder = try server.build(only: [server.image], kernel: try earlierKernel())
      let machine = try server.start(folder)
      try machine.expectLife()
      try server.expectAnswers(of: machine)
      try server.prove()
      try server.age(machine)
    }

    @Test(full, asked("ssh-bastion")) func `ssh-bastion lets keys through and bans who tries`()
      throws
    {
      let bastion = Template(
        name: "ssh-bastion",
        use: "a key jumps through it; a password is not asked for; who tries five times is banned")
      defer { bastion.remove() }
      let ssh = try Network.Forwarding(guest: 22)
      let folder = try bastion.build(only: ["disk.raw"], kernel: try earlierKernel())
      let machine = try bastion.start(folder, network: .user(forwarding: [ssh]))
      try machine.expectLife()
      for name in ["key", "other"] { try makeKey("\(folder)/\(name)") }
      let key = try Files.readText(folder + "/key.pub").filter { $0 != "\n" }
      _ = try machine.answer(
        "mkdir -m 700 -p ~/.ssh && echo '\(key)' >~/.ssh/authorized_keys")
      try #require(try secureShell(ssh, key: folder + "/key", "admin", "id -un") == "admin\n")
      // Through it to the server on its other side: itself, by the address that only it can reach.
      let jump = try tool(
        [
          "sh", "-c",
          "options=\"-i $1 -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR\"; "
            + "ssh $options -o ProxyCommand=\"ssh $options -p $2 -W %h:%p admin@127.0.0.1\" admin@10.0.2.15 hostname",
          "sh", folder + "/key", "\(ssh.host)",
        ], from: "openssh-client")
      try #require(jump == "ssh-bastion\n")
      // Refused, and not asked for a password; after some of these its address is banned.
      for _ in 1...6 {
        let failure = #expect(throws: Failure.self) {
          try self.secureShell(ssh, key: folder + "/other", "admin", "true")
        }
        let cause = failure?.cause ?? ""
        try #require(
          cause.contains("Permission denied (publickey)") || cause.contains("Connection"))
      }
      var banned = ""
      for _ in 1...60 where banned.isEmpty {
        banned = try machine.run(
          "sleep 1; printf 'particle\\n' | sudo -S -p '' nft list ruleset | grep -o '10[.]0[.]2[.]2'"
        ).output
      }
      try #require(banned == "10.0.2.2")
      try bastion.prove()
      try bastion.age(machine)
    }

    @Test(full, asked("iot"))
    func `iot keeps its state, and a changed byte of its system is refused`() throws {
      let device = Template(
        name: "iot", firmware: .uefi,
        use: "state in /var is kept over a restart; a changed byte of the system is not read")
      defer { device.remove() }
      let disk = try device.build() + "/disk.raw"
      do {
        let machine = try Machine(
          image: disk, firmware: .uefi, network: .user(forwarding: []), isPersistent: true,
          restarts: true)
        try device.logIn(to: machine)
        try machine.expectLife()
        try #require(try machine.run("touch /usr/x").output.contains("Read-only file system"))
        _ = try machine.answerAsRoot("echo kept >/var/lib/state && sync")
        try machine.send("printf 'particle\\n' | sudo -S -p '' systemctl reboot")
        try device.logIn(to: machine)
        try #require(try machine.answer("cat /var/lib/state") == "kept")
      }
      // A byte in each block of what is the root's from its second MiB on; the first has what the mount needs.
      try tool(
        [
          "sh", "-euc",
          """
          set -- "$1" $(sfdisk --json "$1" | python3 -c 'import json, sys
          root = json.load(sys.stdin)["partitiontable"]["partitions"][1]
          print(root["start"], root["size"])')
          python3 - "$@" <<'end'
          import sys
          path, start, size = sys.argv[1], int(sys.argv[2]) * 512, int(sys.argv[3]) * 512
          with open(path, 'r+b') as disk:
            for at in range(start + (1 << 20), start + size, 4096):
              disk.seek(at); byte = disk.read(1)
              disk.seek(at); disk.write(bytes([byte[0] ^ 1]))
          end
          """, "sh", disk,
        ], from: "fdisk")
      let changed = try Machine(image: disk, firmware: .uefi)
      let seen = try changed.expect(
        anyOf: ["metadata block", "data block", "is corrupted"], within: 900)
      try #require(!seen.before.contains("login: ".utf8))
      try device.prove()
      try device.proveAged("does not apply: its system is read-only, and replaced as a whole")
    }

    @Test(full, asked("container-base"))
    func `container-base is an image that a container starts from`() throws {
      let base = Template(
        name: "container-base", image: "container-base.oci-archive",
        use: "unpacked by umoci, its shell is started by bubblewrap")
      defer { base.remove() }
      let image = try base.build() + "/container-base.oci-archive"
      let place = scratch + "/templates/container-base/image"
      try tool(
        ["skopeo", "--insecure-policy", "copy", "oci-archive:\(image)", "oci:\(place):x"],
        from: "skopeo")
      try tool(["umoci", "unpack", "--image", "\(place):x", "\(place)-bundle"], from: "umoci")
      let said = try tool(
        [
          "bwrap", "--bind", "\(place)-bundle/rootfs", "/", "--dev", "/dev", "--proc", "/proc",
          "/bin/bash", "-c", ". /etc/os-release; echo $VERSION_CODENAME; dpkg --audit; id -un",
        ], from: "bubblewrap")
      try #require(said == "trixie\nroot\n")
      // Podman takes no longer path than 50 bytes for what it keeps while it runs.
      let loaded = try withTemporaryDirectory(in: "/tmp") { running in
        try tool(
          [
            "podman", "--root", place + "-podman", "--runroot", running, "--storage-driver", "vfs",
            "load", "-i", image,
          ], from: "podman")
      }
      try #require(loaded.contains("localhost/container-base:latest"), "\(loaded)")
      try base.prove(booted: "does not apply: a container has no kernel")
      try base.proveAged("does not apply: a container is replaced as a whole")
    }

    @Test(full, arguments: Desktop.all.filter(\.template.isAsked))
    func `a desktop greets, lets somebody in, and ages`(desktop: Desktop) throws {
      let template = desktop.template
      defer { template.remove() }
      let folder = try template.build(only: [template.image])
      let machine = try template.start(folder, display: .hidden)
      try machine.expectLife(resolver: false)
      try desktop.use(machine)
      try template.prove()
      try template.age(machine)
    }
  }
}
