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
