internal import Model

/// Why programs fail in a stage, as far as their words tell.
enum KnownCause: CaseIterable {
  case noNetwork, noServices, noMounts, noRoom, noProgram

  /// The first that the words of programs tell of; nil where they tell of none.
  init?(in lines: some Sequence<String>) {
    let found = lines.lazy.compactMap { line in
      Self.allCases.first { cause in
        cause.signs.contains { line.utf8.firstRange(of: $0.utf8) != nil }
      }
    }.first
    guard let found else { return nil }
    self = found
  }

  /// What glibc, curl, apt, git, pip, npm, systemd, mount and shells say.
  private var signs: [String] {
    switch self {
    case .noNetwork:
      [
        "Temporary failure in name resolution", "Temporary failure resolving",
        "Could not resolve host", "Could not resolve proxy",
        "Network is unreachable", "getaddrinfo EAI_AGAIN", "unable to resolve host address",
      ]
    case .noServices:
      [
        "Failed to connect to bus", "System has not been booted with systemd",
        "Cannot connect to the Docker daemon", "Failed to connect to system scope bus",
      ]
    case .noMounts: ["mount: permission denied", "mount failed: Operation not permitted"]
    case .noRoom: ["No space left on device"]
    case .noProgram: [": command not found", ": not found"]
    }
  }

  /// What helps.
  var remedy: String {
    switch self {
    case .noNetwork:
      "no stage has a network: put what it fetches into the recipe, as packages or as files with 'source'"
    case .noServices:
      "no service runs while an image is built: enable it with 'type: systemd', or do this at the first boot with"
        + " 'type: first-boot'"
    case .noMounts:
      "a stage mounts nothing: what needs that can be done at the first boot with 'type: first-boot'"
    case .noRoom:
      "what a stage writes to /tmp and /run is memory: give it more with --stage-memory, or let it write to /var/tmp"
    case .noProgram:
      "the tree has no such program: add the package that has it to 'packages' ('apt-file search' finds it)"
    }
  }
}
