import Boot
import Processes
import TestSupport
import Testing

extension EndToEnd.Machines {
  /// The images do what they are for: the machine comes up, and is as the recipe says.
  @Suite(.serialized) struct Booting {
    @Test(arguments: [(Firmware.bios, "disk.raw")] + (FullTest.isOn ? [(.uefi, "disk.qcow2")] : []))
    func `The machine comes up and is as the recipe says`(firmware: Firmware, name: String) throws {
      let image = try Chain.shared.get().first.out + "/" + name
      try Start(format: String(name.dropFirst("disk.".count)), firmware: firmware).prove(
        image, user: "admin", "all that the recipe says", minimal)
    }

    @Test(
      .enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full"),
      arguments: [
        ("particle", 0 as Int32, "particle: admin is logged in after "),
        ("wrong", 1, "the password of admin is refused"),
      ])
    func `particle boot logs somebody in`(password: String, status: Int32, text: String) throws {
      let image = try Chain.shared.get().first.out + "/disk.raw"
      let finished = try particle(
        ["particle", "boot", image, "--login", "admin", "--timeout", "1200"],
        through: ["sh", "-c", "echo \(password) | exec \"$@\"", "sh"])
      #expect(finished.ending == .exit(status) && finished.said.contains(text), "\(finished.said)")
    }

    @Test func `a login needs its usual prompt`() throws {
      let refused = try particle(["particle", "boot", "disk.raw", "--login", "a", "--until", "b"])
      #expect(refused.ending == .exit(2) && refused.errors.contains("leave out --until"))
    }

    /// Commands, and what they answer on a machine made from `recipes/minimal.yml`.
    private let minimal = [
      ("hostname; cat /etc/hostname", "minimal\nminimal"),
      ("getent hosts 127.0.1.1 | tr -s ' '", "127.0.1.1 minimal"),
      ("echo $LANG", "en_US.UTF-8"),
      ("locale -a | grep _", "en_US.utf8"),
      ("readlink /etc/localtime", "/usr/share/zoneinfo/Europe/Berlin"),
      ("date -d 2026-01-01 +%Z", "CET"),
      ("grep ^XKBLAYOUT /etc/default/keyboard", "XKBLAYOUT=\"us\""),
      ("id", "uid=1000(admin) gid=1000(admin) groups=1000(admin),27(sudo)"),
      ("getent passwd admin", "admin:x:1000:1000:Administrator:/home/admin:/bin/bash"),
      ("pwd; stat -c %U:%G .", "/home/admin\nadmin:admin"),
      ("printf 'particle\\n' | sudo -S -p '' id -un", "root"),
      ("systemctl is-enabled systemd-networkd.service", "enabled"),
      ("systemctl is-active systemd-networkd.service", "active"),
      ("grep DHCP /etc/systemd/network/10-wired.network", "DHCP=yes"),
      ("grep ^nameserver /etc/resolv.conf", "nameserver 127.0.0.53"),
      ("cat /etc/systemd/journald.conf.d/size.conf", "[Journal]\nSystemMaxUse=64M"),
      ("grep . /etc/motd", "This system was built by particle-os from recipes/minimal.yml."),
      ("stat -c '%U:%G %a' /etc/motd", "root:root 644"),
      ("cat /etc/particle-recipe", "minimal"),
      ("grep -c . /etc/machine-id", "1"),
      ("dpkg --audit", ""),
    ]
  }
}
