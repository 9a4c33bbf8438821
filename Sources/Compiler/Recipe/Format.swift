package import Model

extension Image {
  /// What an image can come out as; the names are what its files end in.
  package enum Format: String, Sendable, CaseIterable {
    case raw, qcow2, vmdk, vdi, vhdx, vhd, ova
    case iso
    case tar
    case tarGzip = "tar.gz"
    case tarZstd = "tar.zst"
    case tarXZ = "tar.xz"
    case cpio, squashfs, erofs, directory, oci
    case ociArchive = "oci-archive"
    case ostree
  }
}

extension Image.Format {
  /// What a format holds.
  package enum Content: Sendable {
    /// A whole disk, with partitions and a boot loader.
    case disk
    /// The system's files alone.
    case tree
    /// A system with all its versions.
    case repository
    /// The system's files and what starts them from a medium that nothing is written to.
    case live
  }

  package var content: Content {
    switch self {
    case .raw, .qcow2, .vmdk, .vdi, .vhdx, .vhd, .ova: .disk
    case .iso: .live
    case .ostree: .repository
    case .tar, .tarGzip, .tarZstd, .tarXZ, .cpio, .squashfs, .erofs, .directory, .oci, .ociArchive:
      .tree
    }
  }

  /// What the format is for, in one sentence.
  package var summary: String {
    switch self {
    case .raw: "The disk itself, byte by byte, for writing to a drive and for clouds that take it."
    case .qcow2: "A disk for QEMU, libvirt, Proxmox and OpenStack."
    case .vmdk: "A disk for VMware, and with 'stream-optimised' for uploads to it."
    case .vdi: "A disk for VirtualBox."
    case .vhdx: "A disk for Hyper-V."
    case .vhd: "A disk for Azure: of fixed size, a whole number of MiB."
    case .ova: "A machine for VMware and VirtualBox to import: a disk and its description."
    case .iso: "A live system for a DVD or a USB stick, that runs from memory and keeps nothing."
    case .tar: "The files as an archive, for chroots, containers and other tools."
    case .tarGzip: "The archive compressed with gzip, which everything reads."
    case .tarZstd: "The archive compressed with zstd, which is quick to unpack."
    case .tarXZ: "The archive compressed with xz, which is small."
    case .cpio: "The files as an initramfs, to run a whole system from memory."
    case .squashfs: "The files as a compressed, read-only file system, the smallest one."
    case .erofs: "The files as a read-only file system that is quick to read at random places."
    case .directory: "The files as a directory, for systemd-nspawn and for looking at."
    case .oci: "A container image as a directory, in the layout of the Open Container Initiative."
    case .ociArchive: "A container image in one file, for podman, docker and skopeo to load."
    case .ostree: "An OSTree repository as a directory, from which machines are updated over HTTP."
    }
  }

  /// One of the names, each with what it is for.
  package static let schema = Schema<Self>.choice.describing(
    allCases.map { "\($0.rawValue): \($0.summary)" })
}

extension Schema {
  /// The same choices, and for editors a sentence for each.
  fileprivate func describing(_ choices: [String]) -> Schema {
    describing([("enumDescriptions", .list(choices.map(Node.string)))])
  }
}

extension Image {
  /// Whether the image is a disk, in at least one of its formats.
  package var hasDisk: Bool { formats.contains { $0.content == .disk } }
  package var hasLiveSystem: Bool { formats.contains { $0.content == .live } }
}

extension Image.Written {
  /// Reports the keys that say something of a disk, in an image that has none.
  func refuseDiskKeys(_ problems: inout Problems) {
    let isLive = formats.contains { $0.value.content == .live }
    var keys = [
      ("size", size?.mark), ("partition-table", table.mark),
      ("partitions", partitions?.first?.mark), ("unified", unified?.mark),
      ("bootloader-updates", updates?.mark),
    ]
    // A live medium boots too, and always by GRUB.
    if !isLive {
      keys += [
        ("bootloader", bootloader?.mark), ("firmware", firmware?.first?.mark),
        ("command-line", commandLine?.mark), ("console", consoles?.first?.mark),
        ("timeout", timeout?.mark),
      ]
    } else if let bootloader, bootloader.value != .grub {
      problems.report(
        "an iso can only boot with GRUB", at: bootloader.mark, remedy: "remove 'bootloader'")
    }
    let names = formats.map { $0.value.rawValue }
    for (key, mark) in keys {
      guard let mark else { continue }
      problems.report(
        "'\(key)' has no effect for \(names.joined(separator: ", "))", at: mark,
        remedy: "remove it, or add a disk format: raw, qcow2, vmdk, vdi, vhdx, vhd or ova"
      )
    }
  }
}
