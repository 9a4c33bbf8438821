internal import Model
internal import StageContracts

/// The packages that a recipe needs without naming them, in one table.
enum Needs {
  /// So that a system can be updated.
  static let system = ["apt"]

  /// What a module's stage runs in the tree.
  static func of(_ kind: Module.Kind) -> [String] {
    switch kind {
    case .locale: ["locales"]
    case .timezone: ["tzdata"]
    case .keyboard: ["keyboard-configuration", "console-setup"]
    case .users: ["passwd", "login"]
    case .systemd: ["systemd"]
    case .packages, .hostname, .files, .script: []
    }
  }

  /// What checks the file systems of an image at boot, makes and packs its initramfs, and has a live
  /// medium mounted by it.
  static func of(_ image: Image) -> [String] {
    (image.hasDisk ? ["e2fsprogs"] : []) + (image.boot == nil ? [] : ["initramfs-tools", "zstd"])
      + (image.hasLiveSystem ? ["live-boot", "live-boot-initramfs-tools"] : [])
  }

  /// What the build tree must have, sorted; empty where no stage asks for anything.
  static func tools(for recipe: Recipe, on architecture: Architecture) -> [String] {
    var contracts: [any StageContract.Type] = []
    for image in recipe.images.map(\.value) {
      if image.hasDisk {
        contracts.append(Disk.self)
        if image.boot != nil { contracts.append(Grub.self) }
      }
      contracts += formatStages(of: image)
    }
    return Set(contracts.flatMap { $0.buildPackages(on: architecture) }).sorted()
  }

  /// The stages that write an image's formats with programs of the build tree.
  private static func formatStages(of image: Image) -> [any StageContract.Type] {
    var contracts: [any StageContract.Type] = []
    for format in image.formats {
      switch format {
      case .raw, .vdi, .vhd, .vhdx: break
      case .qcow2:
        if image.settings.qcow2.compression != .none { contracts.append(QemuImg.self) }
      case .vmdk:
        if image.settings.vmdk.variant == .stream { contracts.append(QemuImg.self) }
      case .ova: contracts += [OVA.self, QemuImg.self]
      case .tar, .cpio, .directory: break
      case .tarGzip, .tarXZ, .tarZstd: contracts.append(TarArchive.self)
      case .squashfs: contracts.append(Squashfs.self)
      case .erofs: contracts.append(EROFS.self)
      case .oci, .ociArchive: contracts.append(OCIImage.self)
      case .iso: contracts += [LiveISO.self, Squashfs.self]
      }
    }
    return contracts
  }

  /// Everything that a recipe's system is asked to have.
  ///
  /// What the recipe names has its place.
  static func request(for recipe: Recipe) -> PackageRequest {
    var request = PackageRequest(packages: [])
    func named(_ packages: [Located<String>]) -> [Located<String>] {
      packages.filter { package in
        !request.packages.contains { $0.value.packageName == package.value.packageName }
      }
    }
    for module in recipe.modules {
      guard case .packages(let packages) = module.value else { continue }
      request.packages += named(packages.install)
      if packages.recommends { request.recommending += packages.install.map(\.value) }
    }
    for module in recipe.modules {
      request.packages += named(of(module.value.kind).map { Located($0, at: module.mark) })
    }
    for image in recipe.images { request.packages += named(of(image.value).map { Located($0) }) }
    request.packages += named(system.map { Located($0) })
    return request
  }
}
