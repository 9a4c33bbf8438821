import Boot
import Files
import Model
import Testing

extension EndToEnd {
  /// The images do what they are for: the machine comes up, and is as the recipe says.
  @Suite(.serialized) struct Booting {
    @Test(arguments: [(Firmware.bios, "disk.raw"), (.uefi, "disk.qcow2")])
    func `The machine comes up and is as the recipe says`(firmware: Firmware, name: String) throws {
      let image = try Chain.shared.get().first.out + "/" + name
      let machine = try Machine(image: image, firmware: firmware)
      try machine.logIn(user: "admin", password: "particle")

      let state = try machine.run("systemctl is-system-running --wait", within: 300)
      let failed = state.output == "running" ? "" : try machine.run("systemctl --failed").output
      #expect(state.output == "running", "\(failed)")

      let uefi = try machine.run("test -d /sys/firmware/efi").status == 0
      #expect(uefi == (firmware == .uefi))

      for (command, answer) in minimal {
        let said = try machine.run(command).output
        #expect(said == answer, "on the machine: \(command)")
      }
    }

    /// Commands, and what they answer on a machine made from `recipes/minimal.yml`.
    private let minimal = [
      ("hostname", "minimal"),
      ("cat /etc/hostname", "minimal"),
      ("getent hosts 127.0.1.1 | tr -s ' '", "127.0.1.1 minimal"),
      ("echo $LANG", "en_US.UTF-8"),
      ("locale -a | grep _", "de_DE.utf8\nen_US.utf8"),
      ("readlink /etc/localtime", "/usr/share/zoneinfo/Europe/Berlin"),
      ("date -d 2026-01-01 +%Z", "CET"),
      ("grep ^XKBLAYOUT /etc/default/keyboard", "XKBLAYOUT=\"de\""),
      ("id", "uid=1000(admin) gid=1000(admin) groups=1000(admin),4(adm),27(sudo)"),
      ("getent passwd admin", "admin:x:1000:1000:Administrator:/home/admin:/bin/bash"),
      ("pwd; stat -c '%U:%G %a' .", "/home/admin\nadmin:admin 700"),
      ("printf 'particle\\n' | sudo -S -p '' id -un", "root"),
      ("systemctl is-enabled fstrim.timer apt-daily-upgrade.timer", "enabled\nmasked"),
      ("systemctl is-active fstrim.timer", "active"),
      ("cat /etc/motd", "This system was made by particle-os."),
      ("stat -c '%U:%G %a' /etc/motd", "root:root 644"),
      (
        "sed 's/[0-9-]* and before/DAY and before/' /etc/stamp",
        "Debian GNU/Linux 13 (trixie), files of DAY and before"
      ),
      ("sudo dpkg --audit", ""),
      ("findmnt -no FSTYPE /", "ext4"),
      ("grep -c . /etc/machine-id", "1"),
    ]
  }
}
