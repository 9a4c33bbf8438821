package import Model

/// Debian packages to install.
package struct Packages: Sendable, Equatable {
  /// Names, each perhaps with `=version` or `/suite`.
  package var install: [Located<String>]
  /// Whether what these packages recommend is installed with them.
  package var recommends: Bool

  /// deb-control(5)'s package names, and what apt-get(8) allows behind one.
  private static let request: Schema<String> = .text(
    "[a-z0-9][a-z0-9+.-]*[a-z0-9+.](=[0-9][A-Za-z0-9.+:~-]*|/[a-z][a-z0-9-]*)?", "package",
    "write the name alone, name=version or name/suite, in lower case")

  package static let schema = Schema<Packages>.object(
    Field(
      "install", { $0.install },
      .list(of: request.located).refusingEmpty("package"), "The packages' names."),
    Field(
      "recommends", { $0.recommends }, .bool, default: false,
      "Whether what they recommend is installed too."),
    make: { Packages(install: $0, recommends: $1) })
}

extension String {
  /// Of a request for a package its name alone.
  var packageName: String { String(prefix { $0 != "=" && $0 != "/" }) }
}

extension Packages: Module {
  package static let type = "packages"
  package static let summary = "Install Debian packages."
  package static let example = """
    - type: packages
      install: [linux-image-cloud-amd64, systemd-sysv, nginx-light]
      recommends: false
    """
  package static let notes = """
    The packages of all `packages` modules are installed together, before any other module is
    applied. Recommended packages come only where `recommends: true` asks for them.
    """

  package static func check(_ modules: [Located<Packages>], _ problems: inout Problems) {
    var first: [String: String] = [:]
    for package in modules.flatMap(\.value.install) {
      let name = package.value.packageName
      if let other = first[name], other != package.value {
        problems.report(
          "the package '\(name)' is asked for twice, and not alike", at: package.mark,
          remedy: "it is '\(other)' before: keep one")
      }
      first[name] = first[name] ?? package.value
    }
  }

  /// None: packages are installed before all modules.
  package func steps(among modules: [Located<any Module>], _ contents: Contents) -> [Step] { [] }
}
