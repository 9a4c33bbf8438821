import Boot
import Files
import Model
import TestSupport
import Testing

extension EndToEnd {
  /// The templates that differ most, as they are given to people, used for what they are for.
  @Suite(.serialized, .removing("templates")) struct Templates {
    private static let full = ConditionTrait.enabled(
      if: FullTest.isOn, "only with PARTICLE_TEST=full")

    private static let shared = Result { () throws(Failure) in
      try Chain.shared.get().first.separate(in: "templates")
    }

    /// Builds a template; gives the folder of what came out.
    private func build(_ name: String, only exports: [String] = []) throws -> String {
      let store = try Self.shared.get().store
      let place = "\(scratch)/templates/\(name)"
      let recipe = Places.repository + "/recipes/\(name).yml"
      _ = try succeeding(["particle-compile", recipe, "-o", "\(place).json"])
      _ = try succeeding(
        ["particle-run", "\(place).json", "--store", store, "-o", place]
          + exports.flatMap { ["--export", $0] })
      return place
    }

    /// What is asked of every machine that somebody is logged in to: all of it is up, the network too.
    private func expectLife(of machine: Machine, location: SourceLocation = #_sourceLocation) throws
    {
      let state = try machine.run("systemctl is-system-running --wait", within: 600)
      // systemd tells what it starts until it is done.
      let isRunning = state.output.split(separator: "\n").last == "running"
      let failed = isRunning ? "" : try machine.run("systemctl --failed").output
      #expect(isRunning, "\(state.output)\n\(failed)", sourceLocation: location)
      for (command, wanted) in [
        ("ip -4 route show default | cut -d' ' -f1-3", "default via 10.0.2.2"),
        ("grep ^nameserver /etc/resolv.conf", "nameserver 127.0.0.53"),
        ("resolvectl --legend=no dns | grep -o '10[.]0[.]2[.]3'", "10.0.2.3"),
        (
          "getent hosts localhost | tr -s ' ' | head -n1",
          "::1 localhost ip6-localhost ip6-loopback"
        ),
        ("getent ahosts $(hostname) >/dev/null && echo known", "known"),
        ("getent services https/tcp | tr -s ' '", "https 443/tcp"),
        ("ping -nqc1 -W30 10.0.2.2 >/dev/null && echo answered", "answered"),
        ("findmnt -no OPTIONS / | cut -d, -f1", "rw"),
        ("dpkg --audit", ""),
      ] {
        let answer = try machine.run(command)
        let last = answer.output.split(separator: "\n").last ?? ""
        #expect(last == wanted, "\(command): \(answer)", sourceLocation: location)
      }
    }

    @Test func `web serves a page`() throws {
      let http = try Network.Forwarding(guest: 80)
      let machine = try Machine(
        image: try build("web", only: ["disk.raw"]) + "/disk.raw", firmware: .bios,
        network: .user(forwarding: [http]))
      try machine.logIn(user: "admin", password: "particle", within: 900)
      try machine.quieten()
      try expectLife(of: machine)
      let page = try tool(
        ["curl", "--silent", "--fail", "--max-time", "120", "http://127.0.0.1:\(http.host)/"],
        from: "curl")
      #expect(page.contains("<title>It works</title>"), "\(page)")
      // What a machine can be updated from.
      let sources = try machine.run("grep -h ^Suites: /etc/apt/sources.list.d/debian.sources")
      #expect(
        sources.output.split(separator: "\n") == [
          "Suites: trixie trixie-updates", "Suites: trixie-security",
        ], "\(sources)")
    }

    @Test func `cloud lets in whom its seed names, by the console and by a key`() throws {
      let place = try build("cloud", only: ["disk.raw"])
      let seed = try seed(in: place)
      let ssh = try Network.Forwarding(guest: 22)
      let machine = try Machine(
        image: place + "/disk.raw", firmware: .uefi, further: [seed],
        network: .user(forwarding: [ssh]))
      // The prompt can come before the user is there; cloud-init says when it is done.
      try machine.expect("Cloud-init v.", within: 900)
      try machine.expect("finished at", within: 900)
      try machine.send("")
      try machine.logIn(user: "ann", password: "particle", within: 300)
      try machine.quieten()
      try expectLife(of: machine)
      let sudo = try machine.run("sudo id -un")
      #expect(sudo.output == "root", "\(sudo)")
      let said = try tool(
        [
          "ssh", "-i", place + "/key", "-p", "\(ssh.host)", "-o", "BatchMode=yes", "-o",
          "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
          "ann@127.0.0.1", "hostname; id -un",
        ], from: "openssh-client")
      #expect(said == "seeded\nann\n")
    }

    /// A disk for cloud-init's NoCloud, that names a user with a password and a key, which is made beside it.
    private func seed(in place: String) throws -> String {
      try tool(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", place + "/key"],
        from: "openssh-client")
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
      try Files.write(Array(user.utf8), to: place + "/user-data")
      try Files.write(
        Array("instance-id: one\nlocal-hostname: seeded\n".utf8), to: place + "/meta-data")
      let disk = place + "/seed.raw"
      try tool(["mkfs.vfat", "-n", "CIDATA", "-C", disk, "1024"], from: "dosfstools")
      try tool(
        ["mcopy", "-i", disk, place + "/user-data", place + "/meta-data", "::"], from: "mtools")
      return disk
    }

    @Test(full) func `container-base is an image that a container starts from`() throws {
      let image = try build("container-base") + "/container-base.oci-archive"
      let place = scratch + "/templates/container-base-image"
      try tool(
        ["skopeo", "--insecure-policy", "copy", "oci-archive:\(image)", "oci:\(place):x"],
        from: "skopeo")
      try tool(["umoci", "unpack", "--image", "\(place):x", "\(place)-bundle"], from: "umoci")
      let said = try tool(
        [
          "bwrap", "--bind", "\(place)-bundle/rootfs", "/", "--dev", "/dev", "--proc", "/proc",
          "/bin/bash", "-c", ". /etc/os-release; echo $VERSION_CODENAME; dpkg --audit; id -un",
        ], from: "bubblewrap")
      #expect(said == "trixie\nroot\n")
    }

    @Test(full) func `database comes up, and PostgreSQL answers`() throws {
      let machine = try Machine(
        image: try build("database") + "/disk.qcow2", firmware: .bios,
        network: .user(forwarding: []), memory: 2048)
      try machine.logIn(user: "admin", password: "particle", within: 900)
      try machine.quieten()
      try expectLife(of: machine)
      let sudo = "printf 'particle\\n' | sudo -S -p '' "
      let answer = try machine.run(sudo + "-u postgres psql -Atc 'select 6 * 7'", within: 600)
      #expect(answer.output.split(separator: "\n").last == "42", "\(answer)")
    }

    @Test(full) func `xfce is a disk with a desktop`() throws {
      let place = try build("xfce")
      let check = try tool(
        ["qemu-img", "check", "-f", "qcow2", place + "/disk.qcow2"], from: "qemu-utils")
      #expect(check.contains("No errors were found"))
    }
  }
}
