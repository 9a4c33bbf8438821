package import Model

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

  var drivers: Drivers
  var modules: [String]
  var compression: Compression
  var level: Int?

  package static let type = "initramfs"
  package static let summary = "Say what is in the initramfs, and how it is packed."
  package static let isSingle = true
  package static let example = """
    - type: initramfs
      drivers: most
      modules: [virtio_gpu]
      compression: xz
      level: 6
    """
  package static let notes = """
    For initramfs-tools, which every image with a boot loader has. The settings stay in
    `/etc/initramfs-tools`, so that updates of the kernel keep to them. `drivers: list` takes only what
    `modules` and the packages name, and `dep`, which looks at the machine it runs on, does not exist
    here.
    """

  package static let schema = Schema<Self>.object(
    Field(
      "drivers", { $0.drivers }, .choice, default: .most,
      "Which drivers: most of them, those for booting from the network, or a list."),
    Field(
      "modules", { $0.modules },
      .list(
        of: .text(
          "[A-Za-z0-9][A-Za-z0-9_-]{0,54}", "kernel module",
          "write its name without .ko: virtio_gpu")),
      default: [], "Kernel modules that are always in it, and loaded."),
    Field("compression", { $0.compression }, .choice, default: .zstd, "What packs it."),
    Field(
      optional: "level", { $0.level }, .integer(0...19),
      "How hard the packer tries; left out, its own choice."),
    make: { InitramfsModule(drivers: $0, modules: $1, compression: $2, level: $3) }
  ).mapped(
    { (module, node, problems) -> InitramfsModule? in
      let levels = module.compression.levels
      if let level = module.level, !levels.contains(level) {
        problems.report(
          "\(module.compression.rawValue) has no level \(level)", at: node["level"]?.mark,
          remedy: "use a number from \(levels.lowerBound) to \(levels.upperBound)")
        return nil
      }
      return module
    }, { $0 })

  package var needs: [String] { ["initramfs-tools", compression.package] }

  package func steps(among modules: [Located<any Module>], _ contents: Contents) -> [Step] {
    var lines = ["MODULES=\(drivers.rawValue)", "COMPRESS=\(compression.rawValue)"]
    if let level { lines.append("COMPRESSLEVEL=\(level)") }
    let folder = "/etc/initramfs-tools"
    var steps = [
      Step(
        placing: [PlacedFile("\(folder)/conf.d/particle", lines.map { $0 + "\n" }.joined())])
    ]
    if !self.modules.isEmpty {
      let names = self.modules.map { $0 + "\n" }.joined()
      steps.append(Step(running: "cat >>\(folder)/modules <<'END'\n\(names)END\n"))
    }
    return steps
  }
}
