package import Model
internal import StageContracts

/// What the kernel first starts, before the disk is there.
package struct InitramfsModule: Module {
  enum Compression: String, Sendable, CaseIterable {
    case zstd, gzip, xz, lz4, bzip2, lzop

    var package: String {
      switch self {
      case .zstd: "zstd"
      case .gzip: "gzip"
      case .xz: "xz-utils"
      case .lz4: "lz4"
      case .bzip2: "bzip2"
      case .lzop: "lzop"
      }
    }

    /// The levels that its program knows.
    var levels: ClosedRange<Int> {
      switch self {
      case .zstd: 1...19
      case .gzip, .bzip2, .lzop, .lz4: 1...9
      case .xz: 0...9
      }
    }
  }

  enum Drivers: String, Sendable, CaseIterable { case most, netboot, list }

  /// nil for what the system's packages say.
  var generator: Located<Initramfs.Generator>?
  var drivers: Drivers
  var modules: [String]
  var compression: Compression
  var level: Int?

  package static let type = "initramfs"
  package static let summary = "Choose the contents and the compression of the initramfs."
  package static let isSingle = true
  package static let example = """
    - type: initramfs
      drivers: most
      modules: [dm_crypt]
      compression: zstd
      level: 9
    """
  package static let notes = """
    Every image with a boot loader has a program that builds its initramfs: initramfs-tools, or dracut if `generator`
    says so or a `packages` module installs it. The settings are kept in `/etc/initramfs-tools` or `/etc/dracut.conf.d`,
    so kernel updates use them as well. `drivers: list` includes only what `modules` and the packages name. There is no
    equivalent of `dep`, the setting of initramfs-tools that inspects the machine it runs on; an initramfs from dracut
    also works on any machine (`hostonly=no`).

    Live media, read-only roots and `drivers: netboot` need initramfs-tools.
    """

  package static let schema = Schema<Self>.object(
    Field(
      optional: "generator", { $0.generator }, Schema<Initramfs.Generator>.choice.located,
      "The program to build it with. Default: dracut if a packages module or OSTree asks for it, otherwise initramfs-tools."
    ),
    Field(
      "drivers", { $0.drivers }, .choice, default: .most,
      "The drivers to include: most of them, those for booting from the network, or a list."),
    Field(
      "modules", { $0.modules },
      .list(
        of: .text(
          "[A-Za-z0-9][A-Za-z0-9_-]{0,54}", "kernel module",
          "write its name without .ko: virtio_gpu")),
      default: [], "Kernel modules to include and load in any case."),
    Field("compression", { $0.compression }, .choice, default: .zstd, "The compression method."),
    Field(
      optional: "level", { $0.level }, .integer(0...19),
      "The compression level. Default: that of the compression program."),
    make: {
      InitramfsModule(generator: $0, drivers: $1, modules: $2, compression: $3, level: $4)
    }
  ).mapped(
    { (module, node, problems) -> InitramfsModule? in
      let levels = module.compression.levels
      if let level = module.level, !levels.contains(level) {
        problems.report(
          "\(module.compression.rawValue) has no compression level \(level)",
          at: node["level"]?.mark,
          remedy: "use a number from \(levels.lowerBound) to \(levels.upperBound)")
        return nil
      }
      return module
    }, { $0 })

  /// The generator itself comes with the image, or with a packages module.
  package var needs: [String] {
    [generator?.value.rawValue, compression.package].compactMap { $0 }
  }

  package func steps(among modules: [Located<any Module>], _ contents: Contents) -> [Step] {
    switch modules.initramfsGenerator {
    case .initramfsTools: initramfsTools
    case .dracut: [Step(placing: [PlacedFile("/etc/dracut.conf.d/10-particle.conf", dracut)])]
    }
  }

  private var initramfsTools: [Step] {
    var lines = ["MODULES=\(drivers.rawValue)", "COMPRESS=\(compression.rawValue)"]
    if let level { lines.append("COMPRESSLEVEL=\(level)") }
    let folder = "/etc/initramfs-tools"
    var steps = [
      Step(
        placing: [PlacedFile("\(folder)/conf.d/particle", lines.map { $0 + "\n" }.joined())])
    ]
    if !modules.isEmpty {
      let names = modules.map { $0 + "\n" }.joined()
      steps.append(Step(running: "cat >>\(folder)/modules <<'END'\n\(names)END\n"))
    }
    return steps
  }

  /// The settings for dracut (dracut.conf(5)); what a kernel module says of drivers is for it, too.
  private var dracut: String {
    let names = modules.joined(separator: " ")
    var lines = [
      "hostonly=\"no\"", "reproducible=\"yes\"", "compress=\"\(compression.command(level))\"",
      "install_optional_items+=\" /etc/modprobe.d/10-particle.conf \"",
    ]
    if drivers == .list { lines.append("drivers=\" \(names) \"") }
    if !modules.isEmpty { lines.append("force_drivers+=\" \(names) \"") }
    return lines.map { $0 + "\n" }.joined()
  }
}

extension InitramfsModule.Compression {
  /// The command line that dracut packs with, such that the number of processors does not show and the
  /// kernel can read it (Documentation/staging/xz.rst: CRC32 only; lz4 in its legacy format).
  fileprivate func command(_ level: Int?) -> String {
    let level = level.map { " -\($0)" } ?? ""
    return switch self {
    case .zstd: "zstd -q --single-thread\(level)"
    case .gzip: "gzip -n\(level)"
    case .xz: "xz --check=crc32 --threads=1\(level)"
    case .lz4: "lz4 -l\(level)"
    case .bzip2: "bzip2\(level)"
    case .lzop: "lzop\(level)"
    }
  }
}

extension [Located<any Module>] {
  /// The program that makes the system's initramfs.
  var initramfsGenerator: Initramfs.Generator {
    if let said = all(InitramfsModule.self).compactMap(\.value.generator).first {
      return said.value
    }
    return installsDracut == nil ? .initramfsTools : .dracut
  }

  /// Where a packages module names dracut.
  private var installsDracut: Located<String>? {
    all(Packages.self).flatMap(\.value.install).first { $0.value.packageName == "dracut" }
  }

  fileprivate func refuseTwoGenerators(_ problems: inout Problems) {
    guard initramfsGenerator == .initramfsTools, let dracut = installsDracut else { return }
    problems.report(
      "dracut and initramfs-tools cannot both be installed", at: dracut.mark,
      remedy: "remove it, or use 'generator: dracut' in the initramfs module")
  }
}

extension Recipe {
  /// Reports what dracut is asked for and has not.
  func refuseBadInitramfs(_ problems: inout Problems) {
    modules.refuseTwoGenerators(&problems)
    guard modules.initramfsGenerator == .dracut else { return }
    for module in modules.all(InitramfsModule.self) where module.value.drivers == .netboot {
      problems.report(
        "'drivers: netboot' works only with initramfs-tools", at: module.mark,
        remedy: "remove it and install dracut-network, or use 'generator: initramfs-tools'")
    }
    let remedy = "remove dracut from the modules; initramfs-tools is then installed automatically"
    for image in images {
      if image.value.hasLiveSystem {
        problems.report(
          "a live medium needs initramfs-tools, but this system has dracut", at: image.mark,
          remedy: remedy)
      }
      let root = image.value.partitions?.first { $0.mountPoint == "/" }
      if let root, root.content?.isReadOnly == true {
        problems.report(
          "a read-only root needs initramfs-tools, but this system has dracut",
          at: root.filesystem?.mark ?? root.mark, remedy: remedy)
      }
    }
  }
}
