package import Model
package import StageContracts

/// What to make of the system: a disk, the files alone, or a live medium, in some formats.
package struct Image: Sendable, Equatable {
  package var name: String
  package var formats: [Format]
  /// Nil for as small as the content allows.
  package var size: ByteSize?
  /// Nil for an image that nothing boots from by itself.
  package var boot: Boot?
  package var table: Located<Disk.Table> = Located(.gpt)
  /// In their order on the disk; nil for what the boot loader needs and a root.
  package var partitions: [Partition]?
  package var settings = Settings()
  /// Nil for a system that packages update.
  package var ostree: OSTree?

  package static let schema = Written.schema.mapped(
    { $0.checked(&$2) }, { Written($0) })

  /// The image as it is written.
  package struct Written: Sendable {
    var name: Located<String>
    var formats: [Located<Format>]
    var size: Located<Size>?
    var bootloader: Located<Loader>?
    var firmware: [Located<Grub.Firmware>]?
    var commandLine: Located<String>?
    var consoles: [Located<Image.Boot.Console>]?
    var timeout: Located<Int>?
    var unified: Located<Bool>?
    var updates: Located<Bool>?
    var table: Located<Disk.Table>
    var partitions: [Partition]?
    /// By their keys.
    var settings: [String: Located<any FormatSettings>]
    var ostree: Located<OSTree>?
  }
}

extension Image.Written {
  /// The programs that start a system; not all of them are supported.
  package enum Loader: String, Sendable, CaseIterable {
    case grub
    case systemdBoot = "systemd-boot"
    case syslinux
    case extlinux
    case none
  }

  package enum Size: Sendable {
    case fixed(ByteSize)
    case auto

    static let schema = Schema<Size>(
      describe: {
        .object([
          ("anyOf", .list([ByteSize.schema.describe(), .object([("const", .string("auto"))])]))
        ])
      },
      decode: { node, problems in
        if case .string("auto") = node.value { return .auto }
        return ByteSize.schema.decode(node, &problems).map(Size.fixed)
      },
      encode: { size in
        switch size {
        case .auto: .string("auto")
        case .fixed(let size): ByteSize.schema.encode(size)
        }
      })
  }

  init(_ image: Image) {
    name = Located(image.name)
    formats = image.formats.map { Located($0) }
    size = Located(image.size.map(Size.fixed) ?? .auto)
    switch image.boot?.loader {
    case nil: bootloader = Located(.none)
    case .grub: bootloader = Located(.grub)
    case .systemdBoot: bootloader = Located(.systemdBoot)
    case .syslinux: bootloader = Located(.syslinux)
    }
    firmware = image.boot?.firmware
    commandLine = image.boot?.commandLine
    consoles = image.boot?.consoles
    timeout = image.boot.map { Located($0.timeout) }
    unified = image.boot.map { Located($0.isUnified) }
    updates = image.boot.map { Located($0.updates) }
    table = image.table
    partitions = image.partitions
    settings = image.settings.written
    ostree = image.ostree.map { Located($0) }
  }

  private static let imageName = Schema<String>.text(
    "[a-z0-9][a-z0-9_-]{0,62}", "image name", "use lower-case letters, digits, '_' and '-'")

  private static let arguments = Schema<String>.text(
    "[\\x20-\\x7e]*", "kernel command line", "write it on one line, in ASCII")

  static let schema = Schema<Image.Written>.object(
    Field("name", { $0.name }, imageName.located, "The base name of the image's files."),
    Field(
      "formats", { $0.formats },
      .list(of: Image.Format.schema.located).refusingEmpty("format"),
      default: [Located(Image.Format(RawFormat()))], "The formats in which to write the image."),
    Field(
      optional: "size", { $0.size }, Size.schema.located,
      "The size of the disk, such as 4GiB, or auto (the default) for as small as the content allows."
    ),
    Field(
      optional: "bootloader", { $0.bootloader }, Schema<Loader>.choice.located,
      "The boot loader. Default: grub."),
    Field(
      optional: "firmware", { $0.firmware },
      .list(of: Schema<Grub.Firmware>.choice.located).refusingEmpty("firmware"),
      "The kinds of firmware to boot from. Default: all that the boot loader and the architecture support."
    ),
    Field(
      optional: "command-line", { $0.commandLine }, arguments.located,
      "Kernel arguments in addition to root= and ro. Default: the screen and the first serial port as"
        + " consoles."),
    Field(
      optional: "console", { $0.consoles },
      .list(of: Schema<Image.Boot.Console>.choice.located).refusingEmpty("console"),
      "The system's consoles; login output goes to the last one. Default: graphical and serial, or"
        + " none if command-line is set."),
    Field(
      optional: "timeout", { $0.timeout }, Schema<Int>.integer(0...3600).located,
      "How many seconds the boot menu waits. Default: 1."),
    Field(
      optional: "unified", { $0.unified }, Schema<Bool>.bool.located,
      "Whether to put kernel, initramfs and command line into one file, for systemd-boot."),
    Field(
      optional: "bootloader-updates", { $0.updates }, Schema<Bool>.bool.located,
      "Whether the system has the packages that add later kernels to the boot menu and update the boot"
        + " loader. Default: true."),
    Field(
      "partition-table", { $0.table }, Schema<Disk.Table>.choice.located, default: Located(.gpt),
      "The kind of partition table."),
    Field(
      optional: "partitions", { $0.partitions }, .list(of: Partition.schema).refusingNone,
      "The partitions of the disk, in order. Default: what the boot loader needs and a root."),
    settingsField,
    Field(
      optional: "ostree", { $0.ostree }, Image.OSTree.schema.located,
      "Have OSTree deploy and update the system; sets the branch and related names."),
    make: {
      Image.Written(
        name: $0, formats: $1, size: $2, bootloader: $3, firmware: $4, commandLine: $5,
        consoles: $6, timeout: $7, unified: $8, updates: $9, table: $10, partitions: $11,
        settings: $12, ostree: $13)
    })

  /// The partitions beside the root one need 66 MiB, and no root is smaller than the rest.
  private static let smallest = ByteSize(bytes: 128 << 20)

  func checked(_ problems: inout Problems) -> Image? {
    var image = Image(name: name.value, formats: formats.map(\.value), size: nil, boot: nil)
    refuseOtherSettings(&problems)
    image.settings = Image.Settings(settings)
    for format in formats { format.value.unit.check(self, at: format.mark, &problems) }
    let isRepository = image.formats.contains { $0.content == .repository }
    image.ostree = ostree?.value ?? (isRepository ? Image.OSTree() : nil)
    if image.ostree != nil { refuseForOSTree(&problems) }
    guard image.hasDisk else {
      refuseDiskKeys(&problems)
      if image.hasLiveSystem {
        image.boot = boot(by: .grub)
      }
      return image
    }
    if let size, case .fixed(let fixed) = size.value {
      image.size = fixed
      guard fixed >= Self.smallest else {
        problems.report(
          "a disk of \(fixed) is too small for a Debian system", at: size.mark,
          remedy: "use 1GiB or more, or 'size: auto'")
        return nil
      }
      guard fixed.bytes % (1 << 20) == 0 else {
        problems.report(
          "the size \(fixed) is not a whole number of MiB", at: size.mark, remedy: "use MiB or GiB")
        return nil
      }
    }
    image.table = table
    image.partitions = partitions
    switch bootloader?.value ?? .grub {
    case .grub: image.boot = boot(by: .grub)
    case .systemdBoot: image.boot = boot(by: .systemdBoot)
    case .syslinux: image.boot = boot(by: .syslinux)
    case .none: refuseBootSettings(&problems)
    case .extlinux:
      problems.report(
        "the boot loader extlinux cannot be installed without mounting the disk",
        at: bootloader?.mark, remedy: "use syslinux, the same program on a FAT file system"
      )
      return nil
    }
    if let unified, unified.value, image.boot?.loader != .systemdBoot, image.boot != nil {
      problems.report(
        "\(bootloader?.value.rawValue ?? "grub") cannot boot a unified kernel image",
        at: unified.mark,
        remedy: "use 'bootloader: systemd-boot', or remove 'unified'")
    }
    return image
  }

  private func boot(by loader: Image.Boot.Loader) -> Image.Boot {
    var boot = Image.Boot(
      loader: loader, isUnified: unified?.value ?? false, firmware: firmware, consoles: consoles,
      commandLine: commandLine, timeout: timeout?.value ?? 1,
      mark: bootloader?.mark ?? name.mark)
    boot.updates = updates?.value ?? true
    return boot
  }

  private func refuseBootSettings(_ problems: inout Problems) {
    let settings: [(String, Bool, Mark?)] = [
      ("firmware", firmware != nil, firmware?.first?.mark),
      ("command-line", commandLine != nil, commandLine?.mark),
      ("console", consoles != nil, consoles?.first?.mark),
      ("timeout", timeout != nil, timeout?.mark), ("unified", unified != nil, unified?.mark),
      ("bootloader-updates", updates != nil, updates?.mark),
    ]
    for (key, isSet, mark) in settings where isSet {
      problems.report(
        "'\(key)' has no effect without a boot loader", at: mark,
        remedy: "remove it, or use 'bootloader: grub'")
    }
  }
}

extension Schema where Value == [Partition] {
  fileprivate var refusingNone: Self {
    refusing { $0.isEmpty ? ("the list is empty", "add at least a root, or remove the key") : nil }
  }
}
