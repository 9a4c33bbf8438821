import Boot
import Files
import Model
import TestSupport
import Testing

extension EndToEnd.Machines {
  /// A machine becomes one of Debian's next release, as its release notes say.
  @Suite(
    .serialized, .removing("dist-upgrade"),
    .enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full"))
  struct DistUpgrade {
    /// Room for the packages of the next release while those of this one are there.
    private static let size = "6GiB"

    @Test(arguments: [Firmware.bios, .uefi])
    func `a web server of Debian 12 becomes one of Debian 13`(firmware: Firmware) throws {
      let http = try Network.Forwarding(guest: 80)
      let machine = try Machine(
        image: try build(), firmware: firmware, network: .user(forwarding: [http]), restarts: true)
      try logIn(to: machine)
      try machine.expectLife()
      let first = try machine.answer("uname -r")

      try nameMirror(on: machine)
      _ = try machine.answerAsRoot("sed -i s/bookworm/trixie/ /etc/apt/sources.list.d/*")
      _ = try machine.answerAsRoot("apt-get update", within: 1800)
      // No answers to questions about changed files: whoever has changed nothing is asked nothing.
      let apt = "DEBIAN_FRONTEND=noninteractive apt-get --yes -o Dpkg::Use-Pty=0"
      _ = try machine.answerAsRoot("\(apt) upgrade --without-new-pkgs </dev/null", within: 7200)
      _ = try machine.answerAsRoot("\(apt) dist-upgrade </dev/null", within: 7200)
      try machine.send("printf 'particle\\n' | sudo -S -p '' systemctl reboot")
      try logIn(to: machine)

      let second = try machine.answer("uname -r")
      #expect(second != first)
      #expect(try machine.answer("cut -d. -f1 /etc/debian_version") == "13")
      _ = try machine.answerAsRoot("\(apt) autoremove --purge", within: 1800)
      #expect(try machine.answer("ls /boot | sed -n 's/^vmlinuz-//p'") == second)
      try machine.send("printf 'particle\\n' | sudo -S -p '' systemctl reboot")
      try logIn(to: machine)
      try machine.expectLife()
      let page = try tool(
        ["curl", "--silent", "--fail", "--max-time", "120", "http://127.0.0.1:\(http.host)/"],
        from: "curl")
      #expect(page.contains("<title>It works</title>"), "\(page)")
      try FullTest.prove(
        "dist-upgrade", ["web", "by \(firmware.name)", "from \(first) to \(second)"], key: 2)
    }

    /// The template for web servers, of Debian 12.
    private func build() throws -> String {
      let place = try Chain.shared.get().first.separate(in: "dist-upgrade")
      let recipes = "\(scratch)/dist-upgrade/recipes"
      try tool(["cp", "-r", "\(Places.repository)/recipes", recipes], from: "coreutils")
      let text = try Files.readText(recipes + "/web.yml")
        .replacing("debian: trixie", with: "debian: bookworm")
        .replacing("size: 4GiB", with: "size: \(Self.size)")
      try Files.write(Array(text.utf8), to: recipes + "/web.yml")
      let manifest = "\(scratch)/dist-upgrade/web.json"
      _ = try succeeding(["particle-compile", recipes + "/web.yml", "-o", manifest])
      _ = try place.run(manifest, "particle-run of web on Debian 12", only: ["disk.raw"])
      return place.out + "/disk.raw"
    }

    private func logIn(to machine: Machine) throws {
      try machine.logIn(user: "admin", password: "particle", within: 1200)
      try machine.quieten()
    }

    /// Has the machine find Debian's archive where this machine's apt finds it.
    private func nameMirror(on machine: Machine) throws {
      let script = """
        set -e
        cd "$1/tools"
        python3 -c 'import debian_mirror; print(*debian_mirror.addresses(), sep="\\n")' | while read -r address; do
          host=${address#*://} host=${host%%/*}
          echo "$address $(getent ahostsv4 "${host%%:*}" | sed '1s/ .*//;q') ${host%%:*}"
        done
        """
      let said = try tool(["sh", "-c", script, "sh", Places.repository], from: "dash")
      let lines = said.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
      try #require(lines.count == 2 && lines.allSatisfy { $0.count == 3 }, "\(said)")
      let (archive, security) = (lines[0][0], lines[1][0])
      _ = try machine.answerAsRoot(
        "sed -i -E 's|^URIs: .*/debian-security/?$|URIs: \(security)|; s|^URIs: .*/debian/?$|URIs: \(archive)|'"
          + " /etc/apt/sources.list.d/*")
      for line in lines {
        // What listens on this machine's own address is QEMU's router for the other.
        let address = line[1].hasPrefix("127.") ? "10.0.2.2" : line[1]
        _ = try machine.answerAsRoot("echo '\(address) \(line[2])' >>/etc/hosts")
      }
    }
  }
}
