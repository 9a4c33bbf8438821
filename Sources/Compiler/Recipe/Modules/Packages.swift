package import Model

/// Debian packages to have and not to have, and where else they come from.
package struct Packages: Sendable, Equatable {
  /// Names, each perhaps with a foreign `:architecture`, and with `=version` or `/suite`.
  package var install: [Located<String>]
  /// Names of packages that are not to be in the system.
  package var remove: [Located<String>]
  /// Whether what these packages recommend is installed with them.
  package var recommends: Bool
  /// .deb files of this machine.
  package var files: [Located<String>]
  package var repositories: [Located<Repository>]
  package var pins: [Pin]
  /// Lines as debconf-set-selections(1) reads them.
  package var debconf: [Located<String>]
  /// Names of packages that later upgrades leave as they are.
  package var hold: [Located<String>]
  /// Paths of private keys that packages make, and that each machine is to make for itself.
  package var machineKeys: [Located<String>] = []

  /// deb-control(5)'s package names, and what apt-get(8) allows behind one.
  private static let request: Schema<String> = .text(
    "\(qualifiedNamePattern)(=[0-9][A-Za-z0-9.+:~-]*|/[a-z][a-z0-9-]*)?", "package",
    "write the name alone, name=version or name/suite, in lower case")

  private static let names = Schema<[Located<String>]>.list(
    of: Schema<String>.qualifiedName.located
  )
  .refusingEmpty("package")

  private static let debPath = Schema<String>.text(
    "[^\\x00]+\\.deb", "package file", "name a .deb file, relative to this file"
  ).mapped({ path, node, _ in path.resolved(besideFile: node.mark?.file ?? "") }, { $0 })

  /// debconf-set-selections(1): package, question, type, value.
  private static let answer: Schema<String> = .text(
    "\(packageNamePattern) [A-Za-z0-9][A-Za-z0-9+./_-]*"
      + " (select|multiselect|string|boolean|note|text|password|error|title)( [^\\x00-\\x1f]*)?",
    "debconf answer", "write PACKAGE QUESTION TYPE VALUE, with one space between them")

  private static let keyPath: Schema<String> = .text(
    "(/(?!\\.\\.?(/|$))[^/\\x00-\\x1f]{1,255})+", "path",
    "write an absolute path, like /etc/server/key.pem")

  package static let schema = Schema<Packages>.object(
    Field(
      "install", { $0.install }, .list(of: request.located).refusingEmpty("package"), default: [],
      "The packages to install."),
    Field(
      "remove", { $0.remove }, names, default: [],
      "Packages that must not be installed, such as recommended ones."),
    Field(
      "recommends", { $0.recommends }, .bool, default: false,
      "Whether to also install the packages that they recommend."),
    Field(
      "files", { $0.files }, .list(of: debPath.located).refusingEmpty("file"), default: [],
      "Package files (.deb), relative to the file that names them."),
    Field(
      "repositories", { $0.repositories }, .list(of: Repository.schema.located), default: [],
      "Additional repositories to take packages from."),
    Field(
      "pins", { $0.pins }, .list(of: Pin.schema), default: [],
      "Pins, which say which versions apt prefers."),
    Field(
      "debconf", { $0.debconf }, .list(of: answer.located).refusingEmpty("answer"), default: [],
      "Answers to packages' questions: PACKAGE QUESTION TYPE VALUE."),
    Field(
      "hold", { $0.hold }, names, default: [],
      "Packages to hold: later upgrades leave them as they are."),
    Field(
      "machine-keys", { $0.machineKeys }, .list(of: keyPath.located).refusingEmpty("path"),
      default: [],
      "Private keys that packages generate: removed, so that each machine generates its own."),
    make: {
      Packages(
        install: $0, remove: $1, recommends: $2, files: $3, repositories: $4, pins: $5,
        debconf: $6, hold: $7, machineKeys: $8)
    }
  ).mapped(
    { (packages, node, problems) -> Packages? in
      guard packages.isEmpty else { return packages }
      problems.report(
        "the module names no packages", at: node.mark, remedy: "add 'install:' and a list")
      return nil
    }, { $0 })

  private var isEmpty: Bool {
    install.isEmpty && remove.isEmpty && files.isEmpty && repositories.isEmpty && pins.isEmpty
      && debconf.isEmpty && hold.isEmpty && machineKeys.isEmpty
  }
}

/// deb-control(5), "Package".
let packageNamePattern = "[a-z0-9][a-z0-9+.-]*[a-z0-9+.]"

extension Schema where Value == String {
  fileprivate static var qualifiedName: Self {
    .text(qualifiedNamePattern, "package name", "write the name alone, in lower case")
  }
}

extension Packages: Module {
  package static let type = "packages"
  package static let summary = "Install Debian packages."
  package static let example = """
    - type: packages
      install: [linux-image-cloud-amd64, systemd-sysv, nginx-light]
    - type: packages
      install: [curl/trixie-backports]
      remove: [nano]
      debconf: ["man-db man-db/auto-update boolean false"]
      hold: [nginx-light]
      pins:
        - {packages: ["nginx*"], suite: trixie-backports, priority: 990}
      repositories:
        - url: https://HOST/debian
          suites: [stable]
          components: [main]
          key: files/archive.asc
    """
  package static let notes = """
    The packages of all `packages` modules are installed together, before any other module is applied. Recommended
    packages are only installed with `recommends: true`.

    Some packages generate a private key when they are installed. In an image, that key would be the same on every
    machine, and known to anyone who has the image. The keys of OpenSSH, ssl-cert, Dropbear, BIND and xrdp are left out,
    and a unit generates them at the first boot. Any other private key is detected by its content, and the build fails
    with its path: list it in `machine-keys` to leave it out as well. Most services generate a missing key when they
    start; for the others, use a [first-boot](first-boot.md) module.

    [packages.md](../packages.md) has more about repositories, pins, package files and what is refused.
    """

  package var contents: [Content] { repositories.compactMap(\.value.key) }

  package func check(_ contents: Contents, _ problems: inout Problems) {
    for repository in repositories { repository.value.check(contents, &problems) }
  }

  package static func check(_ modules: [Located<Packages>], _ problems: inout Problems) {
    let asked = modules.flatMap(\.value.install)
    var first: [String: String] = [:]
    for package in asked {
      let name = package.value.packageName
      if let other = first[name], other != package.value {
        problems.report(
          "the package '\(name)' is requested in two different ways", at: package.mark,
          remedy: "an earlier entry says '\(other)': keep one")
      }
      first[name] = first[name] ?? package.value
    }
    for package in modules.flatMap(\.value.remove) where first[package.value] != nil {
      let other = asked.first { $0.value.packageName == package.value }?.mark
      problems.report(
        "the package '\(package.value)' is both installed and removed",
        at: package.mark,
        remedy: other.map { "line \($0.line) of \($0.file) installs it: remove one of the two" })
    }
  }

  /// None: packages are installed before all modules.
  package func steps(among modules: [Located<any Module>], _ contents: Contents) -> [Step] { [] }
}
