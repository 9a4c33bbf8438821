internal import Model

/// An architecture whose packages a system can have beside those of its own, by Debian's name.
package enum ForeignArchitecture: String, Sendable, CaseIterable {
  case amd64
  case arm64
  case armhf
  case i386
}

/// deb-control(5)'s package name, perhaps with an architecture, as apt writes them.
let qualifiedNamePattern = "\(packageNamePattern)(:[a-z0-9-]+)?"

extension String {
  /// Of a request for a package its name, with the architecture where it has one.
  var packageName: String { String(prefix { $0 != "=" && $0 != "/" }) }

  /// Of a request for a package its name without an architecture.
  var withoutArchitecture: String { String(packageName.prefix { $0 != ":" }) }

  /// The architecture behind a package's name.
  fileprivate var architecture: String? {
    packageName.split(separator: ":").dropFirst().first.map(String.init)
  }

  /// The same request as apt itself writes it on a machine: of its own packages the name alone.
  fileprivate func named(on machine: Architecture) -> String {
    guard architecture == machine.rawValue else { return self }
    return withoutArchitecture + dropFirst(packageName.count)
  }
}

extension Packages {
  /// The module with packages of the machine's own architecture by their names alone.
  func named(on machine: Architecture) -> Packages {
    func named(_ requests: [Located<String>]) -> [Located<String>] {
      requests.map { Located($0.value.named(on: machine), at: $0.mark) }
    }
    var module = self
    module.install = named(install)
    module.remove = named(remove)
    module.hold = named(hold)
    for index in pins.indices { module.pins[index].packages = named(pins[index].packages) }
    return module
  }

  /// Reports packages of architectures that the system does not have.
  func refuseStrangers(to base: Base, _ problems: inout Problems) {
    let known = base.foreignArchitectures.map(\.value.rawValue)
    let choices = ForeignArchitecture.allCases.map(\.rawValue)
    for request in install + remove + hold + pins.flatMap(\.packages) {
      guard let architecture = request.value.architecture, !known.contains(architecture) else {
        continue
      }
      if choices.contains(architecture) {
        problems.report(
          "the package '\(request.value)' is for an architecture that the system does not include",
          at: request.mark, remedy: "add it to the base: 'foreign-architectures: [\(architecture)]'"
        )
      } else {
        problems.report(
          "the package '\(request.value)' has an unknown architecture", at: request.mark,
          remedy: suggestion(for: architecture, among: choices).map { "did you mean ':\($0)'?" }
            ?? "write the name alone, or add one of these after a colon:"
            + " \(choices.joined(separator: ", "))"
        )
      }
    }
  }
}

extension Recipe.Written {
  /// Reports foreign architectures that are the system's own.
  func refuseOwnArchitecture(_ problems: inout Problems) {
    let own = architectures.map(\.value.rawValue)
    for foreign in base.value.foreignArchitectures where own.contains(foreign.value.rawValue) {
      problems.report(
        "'\(foreign.value.rawValue)' is the system's own architecture, so it cannot be a foreign"
          + " one",
        at: foreign.mark,
        remedy: "remove it: 'foreign-architectures' lists the ones other than 'architectures'")
    }
  }
}
