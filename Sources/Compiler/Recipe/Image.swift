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
  package var settings = FormatSettings()

  /// How the image starts.
  package struct Boot: Sendable, Equatable {
    /// Nil for all that the architecture's machines have.
    package var firmware: [Located<Grub.Firmware>]?
    /// Kernel arguments beside `root=` and `ro`; nil for the architecture's usual ones.
    package var commandLine: String?
    package var mark: Mark?

    /// Places do not count.
    package static func == (a: Self, b: Self) -> Bool {
      a.firmware == b.firmware && a.commandLine == b.commandLine
    }
  }

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
    var settings: FormatSettings.Written
  }
}

extension Image.Written {
  /// The programs that start a system; not all of them are supported.
  package enum Loader: String, Sendable, CaseIterable {
    case grub
    case systemdBoot = "systemd-boot"
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
        if case .integer(let number) = node.value {
          problems.report(
            "the size \(number) has no unit", at: node.mark, remedy: "write \(number)GiB or auto")
          return nil
        }
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
    bootloader = Located(image.boot == nil ? .none : .grub)
    firmware = image.boot?.firmware
    commandLine = image.boot?.commandLine.map { Located($0) }
    settings = Image.FormatSettings.Written(image.settings)
  }

  private static let imageName = Schema<String>.text(
    "[a-z0-9][a-z0-9_-]{0,62}", "image name", "use lower-case letters, digits, '_' and '-'")

  private static let arguments = Schema<String>.text(
    "[\\x20-\\x7e]*", "kernel command line", "write it on one line, in ASCII")

  static let schema = Schema<Image.Written>.object(
    Field("name", { $0.name }, imageName.located, "What the image's files are called."),
    Field(
      "formats", { $0.formats },
      .list(of: Image.Format.schema.located).refusingEmpty("format"),
      default: [Located(.raw)], "The formats to write."),
    Field(
      optional: "size", { $0.size }, Size.schema.located,
      "The disk's size as 4GiB, or auto (the default) for as small as the content allows."),
    Field(
      optional: "bootloader", { $0.bootloader }, Schema<Loader>.choice.located,
      "What starts the system; left out, grub."),
    Field(
      optional: "firmware", { $0.firmware },
      .list(of: Schema<Grub.Firmware>.choice.located).refusingEmpty("firmware"),
      "The kinds of machine to boot on; left out, all that the architecture has."),
    Field(
      optional: "command-line", { $0.commandLine }, arguments.located,
      "Kernel arguments beside root= and ro; left out, the screen and the first serial port as"
        + " consoles."),
    Field(
      optional: "qcow2", { $0.settings.qcow2 }, Image.FormatSettings.QCOW2.schema.located,
      "What the format qcow2 is like."),
    Field(
      optional: "vmdk", { $0.settings.vmdk }, Image.FormatSettings.VMDK.schema.located,
      "What the format vmdk is like."),
    Field(
      optional: "ova", { $0.settings.ova }, Image.FormatSettings.OVA.schema.located,
      "What machine the format ova describes."),
    Field(
      optional: "squashfs", { $0.settings.squashfs }, Image.FormatSettings.Squashfs.schema.located,
      "What the format squashfs is like, and the one that an iso has in it."),
    Field(
      optional: "erofs", { $0.settings.erofs }, Image.FormatSettings.EROFS.schema.located,
      "What the format erofs is like."),
    Field(
      optional: "oci", { $0.settings.oci }, Image.FormatSettings.OCI.schema.located,
      "What the formats oci and oci-archive say of their containers."),
    make: {
      Image.Written(
        name: $0, formats: $1, size: $2, bootloader: $3, firmware: $4, commandLine: $5,
        settings: Image.FormatSettings.Written(
          qcow2: $6, vmdk: $7, ova: $8, squashfs: $9, erofs: $10, oci: $11))
    })

  /// The partitions beside the root one need 66 MiB, and no root is smaller than the rest.
  private static let smallest = ByteSize(bytes: 128 << 20)

  func checked(_ problems: inout Problems) -> Image? {
    var image = Image(name: name.value, formats: formats.map(\.value), size: nil, boot: nil)
    image.settings = settings.checked(image.formats, &problems)
    guard image.hasDisk else {
      refuseDiskKeys(&problems)
      if image.hasLiveSystem {
        image.boot = Image.Boot(
          firmware: firmware, commandLine: commandLine?.value, mark: formats.first?.mark)
      }
      return image
    }
    if let size, case .fixed(let fixed) = size.value {
      image.size = fixed
      guard fixed >= Self.smallest else {
        problems.report(
          "no Debian system fits on a disk of \(fixed)", at: size.mark,
          remedy: "use 1GiB or more, or 'size: auto'")
        return nil
      }
      guard fixed.bytes % (1 << 20) == 0 else {
        problems.report(
          "the size \(fixed) is no whole number of MiB", at: size.mark, remedy: "use MiB or GiB")
        return nil
      }
    }
    switch bootloader?.value ?? .grub {
    case .grub:
      image.boot = Image.Boot(
        firmware: firmware, commandLine: commandLine?.value,
        mark: bootloader?.mark ?? name.mark)
      return image
    case .none:
      for (key, mark) in [("firmware", firmware?.first?.mark), ("command-line", commandLine?.mark)]
      {
        guard let mark else { continue }
        problems.report(
          "'\(key)' has no meaning without a boot loader", at: mark,
          remedy: "remove it, or use 'bootloader: grub'")
      }
      return image
    case .systemdBoot, .extlinux:
      problems.report(
        "the boot loader \(bootloader?.value.rawValue ?? "") is not supported yet",
        at: bootloader?.mark,
        remedy: "use grub, or none")
      return nil
    }
  }
}
