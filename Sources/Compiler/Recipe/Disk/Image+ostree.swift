internal import Model
internal import StageContracts

extension Image {
  /// A system that OSTree deploys and updates.
  package struct OSTree: Sendable, Equatable {
    /// The branch that has the system; nil for one named after recipe and architecture.
    package var ref: String?
    /// What a machine's state is kept as; nil for the recipe's name.
    package var stateroot: String?
    /// What the commit is told as; nil for no version.
    package var version: String?

    package init(ref: String? = nil, stateroot: String? = nil, version: String? = nil) {
      self.ref = ref
      self.stateroot = stateroot
      self.version = version
    }

    static let schema = Schema<Self>.object(
      Field(
        optional: "ref", { $0.ref },
        .text(
          "[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*", "OSTree ref",
          "write words of letters, digits, '.', '_' and '-', with '/' between them"),
        "The branch that contains the system. Default: RECIPE/ARCHITECTURE."),
      Field(
        optional: "stateroot", { $0.stateroot },
        .text(
          "[A-Za-z0-9_][A-Za-z0-9._-]*", "stateroot",
          "use letters, digits, '.', '_' and '-'"),
        "The stateroot, under which the machine's state is kept. Default: the name of the recipe."),
      Field(
        optional: "version", { $0.version },
        .text("[^\\x00-\\x1f\\x7f]+", "version", "write it on one line"),
        "The version of the commit. Default: none."),
      make: { OSTree(ref: $0, stateroot: $1, version: $2) })
  }
}

extension Image.Written {
  /// Reports what a system of OSTree does not come out as, and what does not start it.
  func refuseForOSTree(_ problems: inout Problems) {
    if let bootloader, bootloader.value != .grub {
      problems.report(
        "an OSTree system boots with grub, not with \(bootloader.value.rawValue)",
        at: bootloader.mark, remedy: "remove 'bootloader'")
    }
    for format in formats where ![.disk, .repository].contains(format.value.content) {
      problems.report(
        "an OSTree system is a disk or a repository, and cannot be written as"
          + " \(format.value.name)",
        at: format.mark, remedy: "move the format to another image without 'ostree'")
    }
  }
}

extension Image {
  /// Reports what OSTree's way of keeping a system does not allow of its disk.
  func refuseForOSTree(_ problems: inout Problems) {
    guard ostree != nil, hasDisk else { return }
    for partition in partitions ?? [] {
      let mount = partition.mountPoint ?? ""
      if partition.content?.isReadOnly == true {
        problems.report(
          "OSTree needs a writable root file system",
          at: partition.filesystem?.mark ?? partition.mark, remedy: "use ext4, xfs or btrfs")
      }
      if !["", "/", "/boot"].contains(mount), partition.kind != .esp {
        problems.report(
          "an OSTree system keeps '\(mount)' in its root", at: partition.mount?.mark,
          remedy: "remove this partition")
      }
    }
  }
}

extension Recipe {
  /// The program that makes the system's initramfs: OSTree's part of it is dracut's.
  var initramfsGenerator: Initramfs.Generator {
    hasOSTree ? .dracut : modules.initramfsGenerator
  }

  private var hasOSTree: Bool { images.contains { $0.value.ostree != nil } }

  /// Reports what OSTree needs of the whole system and does not get.
  func refuseForOSTree(_ problems: inout Problems) {
    guard let image = images.first(where: { $0.value.ostree != nil }) else { return }
    if base.release == .bookworm {
      problems.report(
        "the OSTree version in bookworm cannot keep state with a system", at: image.mark,
        remedy: "use 'debian: trixie' or later")
    }
    for module in modules.all(InitramfsModule.self) where module.value.generator?.value != .dracut {
      problems.report(
        "OSTree needs an initramfs built by dracut", at: module.mark,
        remedy: "add 'generator: dracut'")
    }
    for image in images where image.value.hasLiveSystem && image.value.ostree == nil {
      problems.report(
        "a live medium needs initramfs-tools, but OSTree needs dracut", at: image.mark,
        remedy: "move one of them to a separate recipe")
    }
  }
}
