import Boot
import Files
import Model
import Processes
import TestSupport
import Testing

extension EndToEnd {
  /// A system with every kind of module: what the tree's own programs say of it, and what the
  /// machine does.
  @Suite(.serialized) struct Modules {
    /// Built once, from the downloads and the root of the usual store.
    static let built = Result { () throws(Failure) -> String in
      let folder = scratch + "/modules"
      let recipe = Places.repository + "/Tests/EndToEndTests/Recipes/modules.yml"
      // Its last module asks sshd, visudo, nft and the others in the tree, and fails where one objects.
      _ = try succeeding(["particle", "build", recipe, "-o", folder, "--quiet"])
      return folder
    }

    @Test func `The manifest stays beside the disk, and does not differ from itself`() throws {
      let manifest = try Self.built.get() + "/manifest.json"
      let same = try particle(["particle", "diff", manifest, manifest])
      #expect(same.ending == .exit(0) && same.output.isEmpty, "\(same.said)")
      let other = try particle(["particle", "diff", manifest, Chain.shared.get().manifestPath])
      #expect(other.ending == .exit(1), "\(other.said)")
    }

    @Test func `The machine does what the modules say`() throws {
      let machine = try Machine(image: try Self.built.get() + "/disk.raw", firmware: .bios)
      try machine.logIn(user: "admin", password: "particle")
      _ = try machine.run("systemctl is-system-running --wait", within: 600)
      for (command, answer) in Self.answers {
        let said = try machine.run(command).output
        #expect(said == answer, "on the machine: \(command)")
      }
    }

    /// Commands, and what they answer on a machine made from the recipe.
    private static let answers = [
      ("systemctl --failed --plain --no-legend", ""),
      ("grep -o 'quiet panic=10' /proc/cmdline", "quiet panic=10"),
      ("cat /proc/sys/net/ipv4/ip_forward /proc/sys/vm/swappiness", "1\n10"),
      ("lsmod | grep -c '^br_netfilter'", "1"),
      ("ls /var/lib/first-boot", "mark\nsetup"),
      ("sudo nft list ruleset | grep -c 'tcp dport'", "2"),
      ("sudo ss -Hltn | grep -cE ':(22|2222) '", "4"),
      ("test -s /etc/ssh/ssh_host_ed25519_key.pub && echo made", "made"),
      ("systemctl list-timers --all | grep -cE 'backup.timer|heartbeat.timer'", "2"),
      ("loginctl show-user admin -p Linger", "Linger=yes"),
      ("test -e /var/lib/cloud-was-here && echo was here", "was here"),
      ("systemctl is-active systemd-resolved.service cron.service", "active\nactive"),
      ("networkctl status ens3 2>&1 | grep -c 10-wired.network || true", "0"),
    ]
  }
}
