import Boot
import Files
import Model
import TestSupport
import Testing

extension EndToEnd.Machines {
  /// Machines that live on: apt brings another kernel, and takes the first away.
  @Suite(
    .serialized, .removing("ageing"), .enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full"))
  struct Ageing {
    /// How a machine starts, where its files are, and where its boot loader has its menu.
    struct Kind: Sendable, CustomTestStringConvertible {
      var loader: String
      var firmware: Firmware
      var layout = Layout(name: "one file system")
      /// A package of the loader, which installs the loader when it is configured; nil for none.
      var package: String?
      /// A command for the kernels in the menu.
      var menu: String

      var testDescription: String { "\(loader) by \(firmware.name), \(layout.name)" }
    }

    /// The partitions of a machine.
    struct Layout: Sendable {
      var name: String
      /// As lines of a recipe; none for what a disk has where its recipe says nothing.
      var partitions: [String] = []
    }

    private static let grubMenu =
      "sed -n 's|^[ \\t]*linux[ \\t].*/vmlinuz-\\([^ ]*\\).*|\\1|p' /boot/grub/grub.cfg"

    private static let systemdBootMenu =
      "sed -n 's|^linux.*/\\(.*\\)/linux$|\\1|p' /boot/efi/loader/entries/*.conf"

    static let kinds = [
      Kind(loader: "grub", firmware: .bios, package: "grub-pc", menu: grubMenu),
      Kind(loader: "grub", firmware: .uefi, package: "grub-efi-amd64", menu: grubMenu),
      Kind(
        loader: "systemd-boot", firmware: .uefi, package: "systemd-boot", menu: systemdBootMenu),
      Kind(
        loader: "syslinux", firmware: .bios, package: nil,
        menu: "sed -n 's|^ *linux /linux-||p' /boot/syslinux/syslinux.cfg"),
      Kind(
        loader: "grub", firmware: .uefi,
        layout: Layout(
          name: "btrfs, /boot of its own",
          partitions: [
            "{type: esp}", "{mount: /boot, size: 512MiB}",
            "{mount: /, size: rest, filesystem: btrfs, subvolumes: [/home]}",
          ]),
        package: "grub-efi-amd64", menu: grubMenu),
      Kind(
        loader: "grub", firmware: .bios,
        layout: Layout(
          name: "/usr, /var and /boot of their own",
          partitions: [
            "{type: bios-boot}", "{mount: /boot, size: 512MiB}", "{mount: /usr, size: 1GiB}",
            "{mount: /var, size: 768MiB, filesystem: xfs}", "{mount: /, size: rest}",
          ]),
        package: "grub-pc", menu: grubMenu),
      Kind(
        loader: "systemd-boot", firmware: .uefi,
        layout: Layout(
          name: "btrfs, /usr of its own",
          partitions: [
            "{type: esp, size: 512MiB}", "{mount: /usr, size: 1GiB}",
            "{mount: /, size: rest, filesystem: btrfs}",
          ]),
        package: "systemd-boot", menu: systemdBootMenu),
    ]

    @Test(arguments: kinds)
    func `a machine starts the kernels that apt brings, and forgets those that it takes away`(
      kind: Kind
    ) throws {
      let later = try LaterKernel.shared.get()
      let (kernel, package) = (later.name, later.earlierPackage)
      let image = try build(kind, with: package)
      let machine = try Machine(
        image: image, firmware: kind.firmware, further: [later.disk], restarts: true)
      try logIn(to: machine)
      let first = try machine.answer("uname -r")
      let arguments = try commandLine(of: machine)
      #expect(arguments.contains("two words\"") && arguments.contains(" marks=a;b$c*"))
      #expect(first != kernel)
      try expectMenu([first], of: kind, on: machine)

      _ = try machine.answer("mount -o ro LABEL=\(LaterKernel.label) /mnt")
      _ = try machine.answer(apt("install", "--no-install-recommends /mnt/*.deb"))
      try expectMenu([kernel, first], of: kind, on: machine)
      try restart(machine)
      #expect(try machine.answer("uname -r") == kernel)
      #expect(try commandLine(of: machine) == arguments)

      _ = try machine.answer(apt("purge", "\(package) linux-image-\(first)"))
      try expectMenu([kernel], of: kind, on: machine)
      if let loader = kind.package {
        // What the package's next version does.
        _ = try machine.answer("dpkg-reconfigure -f noninteractive \(loader)")
        try expectMenu([kernel], of: kind, on: machine)
      }
      try restart(machine)
      #expect(try machine.answer("uname -r") == kernel)
      #expect(try commandLine(of: machine) == arguments)
      #expect(try machine.answer("systemctl is-system-running --wait") == "running")
      #expect(try machine.answer("dpkg --audit") == "")
      try FullTest.prove(
        "ageing",
        [kind.loader, kind.firmware.name, kind.layout.name, "from \(first) to \(kernel)"], key: 3)
    }

    private static let place = Result { () throws(Failure) in
      try Chain.shared.get().first.separate(in: "ageing")
    }

    private func build(_ kind: Kind, with package: String) throws -> String {
      let store = try Self.place.get().store
      let layout = kind.layout.name.filter(\.isLetter)
      let name = "\(scratch)/ageing/\(kind.loader)-\(kind.firmware.rawValue)-\(layout)"
      let partitions = kind.layout.partitions.map { "      - \($0)\n" }.joined()
      let recipe = try Files.readText(
        Places.repository + "/Tests/EndToEndTests/Recipes/ageing.yml"
      ).replacing("bootloader: grub", with: "bootloader: \(kind.loader)")
        .replacing("linux-image-amd64", with: package)
        .replacing("firmware: [bios]", with: "firmware: [\(kind.firmware.rawValue)]")
      try Files.write(
        Array((recipe + (partitions.isEmpty ? "" : "    partitions:\n" + partitions)).utf8),
        to: name + ".yml")
      _ = try succeeding(["particle-compile", name + ".yml", "-o", name + ".json"])
      _ = try succeeding(["particle-run", name + ".json", "--store", store, "-o", name])
      return name + "/disk.raw"
    }

    private func apt(_ verb: String, _ rest: String) -> String {
      "DEBIAN_FRONTEND=noninteractive apt-get \(verb) --yes -o Dpkg::Use-Pty=0 \(rest)"
    }

    /// The kernels in the menu are these, and so are those in /boot.
    private func expectMenu(
      _ kernels: [String], of kind: Kind, on machine: Machine,
      location: SourceLocation = #_sourceLocation
    ) throws {
      let wanted = kernels.sorted().joined(separator: "\n")
      for command in [kind.menu, "ls /boot | sed -n 's/^vmlinuz-//p'"] {
        let found = try machine.answer("\(command) | LC_ALL=C sort -u")
        #expect(found == wanted, "\(command)", sourceLocation: location)
      }
    }

    /// The kernel's arguments, but for those with which boot loaders name the files.
    private func commandLine(of machine: Machine) throws -> String {
      try machine.answer("sed 's/BOOT_IMAGE=[^ ]* //; s/initrd=[^ ]* *//' /proc/cmdline")
    }

    private func logIn(to machine: Machine) throws {
      try machine.logIn(user: "root", password: "particle", within: 900)
      try machine.quieten()
    }

    private func restart(_ machine: Machine) throws {
      try machine.send("systemctl reboot")
      try logIn(to: machine)
    }
  }
}
