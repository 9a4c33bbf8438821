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
      "stages have no network: put what it fetches into the recipe, as packages or as files with"
        + " 'source'"
    case .noServices:
      "no service runs while an image is built: enable it with 'type: systemd', or do this at the"
        + " first boot with 'type: first-boot'"
    case .noMounts:
      "stages cannot mount anything: do this at the first boot with 'type: first-boot'"
    case .noRoom:
      "in a stage, /tmp and /run are in memory: raise the limit with --stage-memory, or write to"
        + " /var/tmp"
    case .noProgram:
      "the tree does not have this program: add its package to 'packages' ('apt-file search' finds"
        + " it)"
    }
  }
}
