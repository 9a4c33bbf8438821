internal import Model
internal import StageContracts

/// The packages that a recipe needs without naming them, beside those of its modules.
enum Needs {
  /// So that a system can be updated.
  static let system = ["apt"]

  /// What checks the file systems of an image at boot, lets them grow, and makes and packs its
  /// initramfs; and what its formats need.
  static func of(
    _ image: Image, initramfs: Initramfs.Generator, on architecture: Architecture,
    _ release: DebianBase.Suite?
  ) -> [String] {
    var names = image.boot == nil ? [] : [initramfs.rawValue, "zstd"]
    if image.ostree != nil { names += ["ostree", "ostree-boot"] }
    if image.ostree != nil, image.boot == nil { names += [initramfs.rawValue, "zstd"] }
    names += image.formats.flatMap(\.unit.needs)
    guard image.hasDisk else { return names }
    let partitions = image.layout(on: architecture)
    if partitions.contains(where: { $0.content == .ext4 }) { names.append("e2fsprogs") }
    if partitions.contains(where: { $0.content == .xfs }) { names.append("xfsprogs") }
    if partitions.contains(where: { $0.content == .btrfs }) { names.append("btrfs-progs") }
    if partitions.contains(where: \.verity.value) { names.append("cryptsetup-bin") }
    if partitions.contains(where: \.grow.value) {
      // Until bookworm it is in the package systemd.
      names.append(release == .bookworm ? "systemd" : "systemd-repart")
    }
    return names
  }

  /// Everything that a recipe's system is asked to have.
  ///
  /// What the recipe names has its place.
  static func request(
    for recipe: Recipe, _ contents: Contents, on architecture: Architecture,
    _ release: DebianBase.Suite?
  ) -> PackageRequest {
    var request = PackageRequest(packages: [])
    func named(_ packages: [Located<String>]) -> [Located<String>] {
      packages.filter { package in
        !request.packages.contains { $0.value.packageName == package.value.packageName }
      }
    }
    for packages in recipe.packageModules {
      request.packages += named(packages.install)
      if packages.recommends { request.recommending += packages.install.map(\.value) }
      request.remove += packages.remove
      request.pins += packages.pins
      for path in packages.files {
        guard let file = contents.packages[ByteString(path.value)], !request.files.contains(file)
        else {
          continue
        }
        request.files.append(file)
      }
    }
    for module in recipe.modules {
      request.packages += named(
        module.value.needs(among: recipe.modules).map { Located($0, at: module.mark) })
    }
    for image in recipe.images {
      let needs = of(
        image.value, initramfs: recipe.initramfsGenerator, on: architecture, release)
      request.packages += named(needs.map { Located($0) })
    }
    request.packages += named(recipe.bootPackages(on: architecture).map { Located($0) })
    // What a container leaves out is left out for a reason.
    if case .debian(let base) = recipe.base {
      request.packages += named(system.map { Located($0) })
      request.variant = base.variant ?? (recipe.makesMachine ? .machine : .essential)
    }
    return request
  }
}
