import Boot
import Files
import JSON
import Model
import TestSupport
import Testing

extension EndToEnd {
  /// Machines that live on: apt brings another kernel, and takes the first away.
  @Suite(
    .serialized, .removing("ageing"), .enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full"))
  struct Ageing {
    /// How a machine starts, and where its boot loader has its menu.
    struct Kind: Sendable, CustomTestStringConvertible {
      var loader: String
      var firmware: Firmware
      /// A package of the loader, which installs the loader when it is configured; nil for none.
      var package: String?
      /// A command for the kernels in the menu.
      var menu: String

      var testDescription: String { "\(loader) by \(firmware.name)" }
    }

    private static let grubMenu =
      "sed -n 's|^[ \\t]*linux[ \\t].*/vmlinuz-\\([^ ]*\\).*|\\1|p' /boot/grub/grub.cfg"

    static let kinds = [
      Kind(loader: "grub", firmware: .bios, package: "grub-pc", menu: grubMenu),
      Kind(loader: "grub", firmware: .uefi, package: "grub-efi-amd64", menu: grubMenu),
      Kind(
        loader: "systemd-boot", firmware: .uefi, package: "systemd-boot",
        menu: "sed -n 's|^linux.*/\\(.*\\)/linux$|\\1|p' /boot/efi/loader/entries/*.conf"),
      Kind(
        loader: "syslinux", firmware: .bios, package: nil,
        menu: "sed -n 's|^ *linux /linux-||p' /boot/syslinux/syslinux.cfg"),
    ]

    @Test(arguments: kinds)
    func `a machine starts the kernels that apt brings, and forgets those that it takes away`(
      kind: Kind
    ) throws {
      let (disk, kernel) = try laterKernel()
      let package = try earlierPackage(than: kernel)
      let image = try build(kind, with: package)
      let machine = try Machine(
        image: image, firmware: kind.firmware, further: [disk], restarts: true)
      try logIn(to: machine)
      let first = try answer("uname -r", on: machine)
      let arguments = try commandLine(of: machine)
      #expect(arguments.contains("two words\"") && arguments.contains(" marks=a;b$c*"))
      #expect(first != kernel)
      try expectMenu([first], of: kind, on: machine)

      _ = try answer("mount -o ro LABEL=kernels /mnt", on: machine)
      _ = try answer(apt("install", "--no-install-recommends /mnt/*.deb"), on: machine)
      try expectMenu([kernel, first], of: kind, on: machine)
      try restart(machine)
      #expect(try answer("uname -r", on: machine) == kernel)
      #expect(try commandLine(of: machine) == arguments)

      _ = try answer(apt("purge", "\(package) linux-image-\(first)"), on: machine)
      try expectMenu([kernel], of: kind, on: machine)
      if let loader = kind.package {
        // What the package's next version does.
        _ = try answer("dpkg-reconfigure -f noninteractive \(loader)", on: machine)
        try expectMenu([kernel], of: kind, on: machine)
      }
      try restart(machine)
      #expect(try answer("uname -r", on: machine) == kernel)
      #expect(try commandLine(of: machine) == arguments)
      #expect(try answer("systemctl is-system-running --wait", on: machine) == "running")
      #expect(try answer("dpkg --audit", on: machine) == "")
    }

    private static let place = Result { () throws(Failure) in
      try Chain.shared.get().first.separate(in: "ageing")
    }

    private func build(_ kind: Kind, with package: String) throws -> String {
      let store = try Self.place.get().store
      let name = "\(scratch)/ageing/\(kind.loader)-\(kind.firmware.rawValue)"
      let recipe = try Files.readText(
        Places.repository + "/Tests/EndToEndTests/Recipes/ageing.yml"
      ).replacing("bootloader: grub", with: "bootloader: \(kind.loader)")
        .replacing("linux-image-amd64", with: package)
        .replacing("firmware: [bios]", with: "firmware: [\(kind.firmware.rawValue)]")
      try Files.write(Array(recipe.utf8), to: name + ".yml")
      _ = try succeeding(["particle-compile", name + ".yml", "-o", name + ".json"])
      _ = try succeeding(["particle-run", name + ".json", "--store", store, "-o", name])
      return name + "/disk.raw"
    }

    /// Another kernel for virtual machines that the archive has: the newest but for `kernel`.
    ///
    /// Where it has no other, the one with all drivers, which has a name that comes before.
    private func earlierPackage(than kernel: String) throws -> String {
      let lists = scratch + "/ageing/lists"
      _ = try succeeding([
        "particle-compile", Places.repository + "/recipes/minimal.yml", "--cache", lists, "-o",
        lists + ".json",
      ])
      let names = try tool(
        [
          "sh", "-c",
          "sed -n 's/^Package: \\(linux-image-[0-9].*-cloud-amd64\\)$/\\1/p' \"$1\"/*/lists/*_Packages"
            + " | sort -uV", "sh", lists,
        ], from: "coreutils")
      let others = names.split(separator: "\n").filter { $0 != "linux-image-\(kernel)" }
      return others.last.map(String.init) ?? "linux-image-amd64"
    }

    /// A disk with the packages of the kernel for virtual machines, which the first chain has, and its name.
    private func laterKernel() throws -> (disk: String, kernel: String) {
      let chain = try Chain.shared.get()
      let folder = scratch + "/ageing/kernels"
      try Files.removeTree(folder)
      try Files.makeDirectories(folder)
      let manifest = try JSON.parse(Array(chain.manifests[0].utf8), file: chain.manifestPath)
      guard case .object(let sources)? = manifest["sources"]?.value else {
        throw Failure("read", chain.manifestPath, cause: "there are no sources")
      }
      var kernel = ""
      for source in sources {
        guard let name = source.value["name"]?.text, name.hasPrefix("linux-image-") else {
          continue
        }
        let digest = String(source.key.dropFirst("sha256:".count))
        try tool(
          ["cp", "\(chain.first.store)/sources/sha256/\(digest)", "\(folder)/\(name)"],
          from: "coreutils")
        let package = name.prefix { $0 != "_" }.dropFirst("linux-image-".count)
        if package.first?.isNumber == true { kernel = String(package) }
      }
      try #require(!kernel.isEmpty)
      try tool(
        ["mke2fs", "-q", "-t", "ext4", "-L", "kernels", "-d", folder, folder + ".raw", "128M"],
        from: "e2fsprogs")
      return (folder + ".raw", kernel)
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
        let found = try answer("\(command) | LC_ALL=C sort -u", on: machine)
        #expect(found == wanted, "\(command)", sourceLocation: location)
      }
    }

    /// The kernel's arguments, but for those with which boot loaders name the files.
    private func commandLine(of machine: Machine) throws -> String {
      try answer("sed 's/BOOT_IMAGE=[^ ]* //; s/initrd=[^ ]* *//' /proc/cmdline", on: machine)
    }

    /// What a command that has to succeed says.
    private func answer(_ command: String, on machine: Machine) throws -> String {
      let answer = try machine.run(command, within: 1800)
      try #require(answer.status == 0, "\(command)\n\(answer.output)")
      return answer.output
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
