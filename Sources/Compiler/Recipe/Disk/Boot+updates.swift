package import Model
internal import StageContracts

extension Image {
  /// Whether packages of the running system add kernels to the boot loader's menu, and update it.
  ///
  /// What OSTree deploys, and a root that nothing can be written to, are updated as a whole.
  func isUpdated(on architecture: Architecture) -> Bool {
    guard let boot, hasDisk, ostree == nil else { return false }
    // bootctl(1) knows an EFI system partition by what a GPT says of it.
    if boot.loader == .systemdBoot, table.value != .gpt { return false }
    let root = layout(on: architecture).first { $0.mountPoint == "/" }
    return boot.updates && root?.content?.isReadOnly != true
  }

  /// Where GRUB's and systemd-boot's programs look for the EFI system partition by themselves.
  static let usualESP = "/boot/efi"
}

extension Recipe {
  /// The packages by which the system keeps the boot loaders of its images current, and adds the kernels to
  /// their menus that it gets later.
  ///
  /// All images have the same packages, so what starts one of them may be made for all.
  package func bootPackages(on architecture: Architecture) -> [String] {
    let updated = images.map(\.value).filter { $0.isUpdated(on: architecture) }
    func starting(by loader: Image.Boot.Loader) -> [Image] {
      updated.filter { $0.boot?.loader == loader }
    }
    let grub = Set(
      starting(by: .grub).flatMap { $0.boot?.firmware(on: architecture) ?? [] })
    let systemdBoot = starting(by: .systemdBoot)
    var names: [String] = []
    // Before the shim, which GRUB's programs would come with else.
    if !systemdBoot.isEmpty {
      names += ["systemd-boot", "efibootmgr"]
      if base.release != .bookworm {
        names.append("systemd-boot-efi-\(architecture.rawValue)-signed")
      }
    }
    if systemdBoot.contains(where: { $0.boot?.isUnified == true }) {
      names.append("systemd-ukify")
    }
    // One of them is what a recipe may name itself; they exclude each other.
    if !namesGRUB { names += Self.grubPackages(for: grub, on: architecture) }
    if !systemdBoot.isEmpty || grub.contains(.uefi) { names.append("shim-signed") }
    return names
  }

  private static func grubPackages(
    for firmware: Set<Grub.Firmware>, on architecture: Architecture
  ) -> [String] {
    switch (firmware.contains(.bios), firmware.contains(.uefi)) {
    case (true, true): ["grub-cloud-amd64", "grub-efi-amd64-signed"]
    case (true, false): ["grub-pc"]
    case (false, true):
      ["grub-efi-\(architecture.rawValue)", "grub-efi-\(architecture.rawValue)-signed"]
    case (false, false): []
    }
  }

  private var namesGRUB: Bool {
    let own = ["grub-pc", "grub-cloud-amd64", "grub-efi-amd64", "grub-efi-arm64"]
    return packageModules.flatMap(\.install).contains { own.contains($0.value.packageName) }
  }

  /// What those packages would ask (debconf-set-selections(1)).
  func bootAnswers(on architecture: Architecture) -> [String] {
    guard bootPackages(on: architecture).contains(where: { $0.hasPrefix("grub-") }) else {
      return []
    }
    return [
      "grub-pc grub-pc/install_devices multiselect \(DiskPlan.bootDisk)",
      "grub-pc grub-pc/install_devices_empty boolean true",
    ]
      + ["grub-efi-amd64", "grub-efi-arm64"].flatMap { package in
        // The machine starts what is at the path for any disk, as the image does.
        [
          "\(package) grub2/force_efi_extra_removable boolean true",
          "\(package) grub2/update_nvram boolean false",
        ]
      }
  }
}
