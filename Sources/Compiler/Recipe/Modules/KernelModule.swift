package import Model

/// The kernel: which one, and how it behaves.
package struct KernelModule: Module {
  var package: String?
  var commandLine: [Located<String>]
  var load: [String]
  var blacklist: [String]
  var options: [String: String]
  var sysctl: [String: String]

  package static let type = "kernel"
  package static let summary = "Choose the kernel, its command line, modules and settings."
  package static let example = """
    - type: kernel
      package: linux-image-cloud-amd64
      command-line: [quiet, mitigations=auto]
      modules: [br_netfilter]
      blacklist: [pcspkr]
      options: {zram: num_devices=1}
      sysctl:
        net.ipv4.ip_forward: 1
        vm.swappiness: 10
    """
  package static let notes = """
    The boot loader of every image gets the arguments of all `kernel` modules, after the image's own `command-line`;
    [disks.md](../disks.md#kernel-arguments) describes their syntax. Modules to load at boot are listed in
    `/etc/modules-load.d/10-particle.conf`. Options and the blacklist are in `/etc/modprobe.d/10-particle.conf`, also in
    the initramfs, and settings in `/etc/sysctl.d/80-particle.conf`. You can also install a kernel with a `packages`
    module.
    """

  package static let schema = Schema<Self>.object(
    Field(
      optional: "package", { $0.package },
      .text(
        "linux-image-[a-z0-9][a-z0-9.+-]*", "kernel package",
        "write linux-image-cloud-amd64 (virtual machines) or linux-image-amd64 (all drivers); with a suite or a"
          + " version, list it in a packages module instead"),
      "The kernel package."),
    Field(
      "command-line", { $0.commandLine }, .list(of: argument.located), default: [],
      "Kernel arguments, one in each item."),
    Field(
      "modules", { $0.load }, .list(of: module), default: [], "Kernel modules to load at boot."),
    Field(
      "blacklist", { $0.blacklist }, .list(of: module), default: [],
      "Kernel modules that are not loaded automatically."),
    Field(
      "options", { $0.options },
      Schema<[String: String]>.map(of: moduleOptions).named(
        modulePattern, "kernel module", "write its name, and its options after the colon"),
      default: [:], "Options of kernel modules, by module name."),
    Field(
      "sysctl", { $0.sysctl },
      Schema<[String: String]>.map(of: .word("kernel setting value")).named(
        "[a-z][a-z0-9_]*([./][A-Za-z0-9_*-]+)+", "kernel setting",
        "write it as sysctl.d(5) does: net.ipv4.ip_forward"),
      default: [:], "Settings of the running kernel, by name."),
    make: {
      KernelModule(
        package: $0, commandLine: $1, load: $2, blacklist: $3, options: $4, sysctl: $5)
    })

  private static let moduleOptions = Schema<String>.line("kernel module option string")

  private static let modulePattern = "[A-Za-z0-9][A-Za-z0-9_-]{0,54}"
  private static let module = Schema<String>.text(
    modulePattern, "kernel module", "write its name without .ko: br_netfilter")

  /// kernel-parameters: an argument with blanks is quoted; root= is the image's own.
  private static let argument = Schema<String>.string.refusing { text in
    if text.hasPrefix("root=") {
      return (
        "'root=' is set by the image", "remove it: the build fills in the identifier of the disk"
      )
    }
    if text.fits("[\\x21-\\x7e]+") || text.fits("[a-zA-Z0-9._-]+=\"[\\x20\\x21\\x23-\\x7e]*\"") {
      return nil
    }
    return (
      "'\(text.shortened)' is not a single kernel argument",
      "write one argument per item: [quiet, console=ttyS0]"
    )
  }

  package static func check(_ modules: [Located<KernelModule>], _ problems: inout Problems) {
    let loaded = modules.flatMap(\.value.load)
    var known: [String: String] = [:]
    for module in modules {
      for name in module.value.blacklist where loaded.contains(name) {
        problems.report(
          "the kernel module '\(name)' is both loaded and blacklisted", at: module.mark,
          remedy: "remove it from one of the lists")
      }
      for (name, value) in module.value.sysctl.sorted(by: { $0.key < $1.key }) {
        if let other = known[name], other != value {
          problems.report(
            "the kernel setting '\(name)' has two different values", at: module.mark,
            remedy: "an earlier module sets it to \(other), this one to \(value): keep one")
        }
        known[name] = value
      }
    }
  }

  package var needs: [String] { [package].compactMap { $0 } + (load.isEmpty ? [] : ["kmod"]) }

  package func steps(among modules: [Located<any Module>], _ contents: Contents) -> [Step] {
    // One file for all of them: each kernel module writes it whole.
    let all = modules.all(KernelModule.self).map(\.value)
    let load = all.flatMap(\.load)
    let modprobe =
      all.flatMap(\.blacklist).map { "blacklist \($0)\n" }
      + all.flatMap { $0.options.sorted { $0.key < $1.key } }
      // Of a backslash and what comes after it kmod keeps the latter (`freadline_wrapped` in its shared/util.c).
      .map { "options \($0.key) \($0.value.replacing("\\", with: "\\\\"))\n" }
    let settings = all.flatMap { $0.sysctl.sorted { $0.key < $1.key } }
      .map { "\($0.key) = \($0.value)\n" }
    let files = [
      ("/etc/modules-load.d/10-particle.conf", load.map { $0 + "\n" }),
      ("/etc/modprobe.d/10-particle.conf", modprobe),
      ("/etc/sysctl.d/80-particle.conf", settings),
    ].filter { !$0.1.isEmpty }
    return files.isEmpty ? [] : [Step(placing: files.map { PlacedFile($0.0, $0.1.joined()) })]
  }
}

extension Recipe {
  /// Reports kernel arguments that no image boots with.
  func refuseLostArguments(_ problems: inout Problems) {
    guard !images.contains(where: { $0.value.boot != nil }) else { return }
    for module in modules.all(KernelModule.self) where !module.value.commandLine.isEmpty {
      problems.report(
        "'command-line' has no effect: no image has a boot loader", at: module.mark,
        remedy: "remove it, or add 'images: [{name: disk}]'")
    }
  }

  /// The images, the kernel arguments of the modules among what each boots with.
  var completeImages: [Image] {
    let further = modules.all(KernelModule.self).flatMap(\.value.commandLine).map(\.value)
    return images.map(\.value).map { image in
      var image = image
      image.boot?.furtherArguments = further
      return image
    }
  }
}
