internal import Model

/// What a container of the image starts, and what is told of it (OCI image specification, "Image Configuration").
struct OCISettings: FormatSettings {
  /// Empty for a name of our choice.
  var name = ""
  var entrypoint: [String] = []
  var command: [String] = []
  var environment: [String: String] = [:]
  var labels: [String: String] = [:]
  var user = ""
  var workingDirectory = ""
  /// Each with its protocol.
  var ports: [String] = []
  var volumes: [String] = []
  var stopSignal = ""

  static let key = "oci"
  static let summary = "The container configuration in the formats oci and oci-archive."

  private static let word = Schema<String>.string.refusing { text in
    text.utf8.contains(0) ? ("the string contains a NUL character", "remove it") : nil
  }

  /// What podman and skopeo take as `NAME:TAG`, with or without a registry and folders (the grammar of distribution's
  /// reference package).
  private static let reference = Schema<String>.text(
    "[a-z0-9]+([._-]+[a-z0-9]+)*(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?",
    "name of an image", "write NAME:TAG in lower-case letters, such as web:1.0")

  /// A directory of a container.
  private static let place = Schema<String>.text(
    "/|(/(?!\\.\\.?(/|$))[^/\\x00-\\x1f\\x7f]+)+", "absolute path",
    "begin it with '/', without '..' and without a '/' at its end")

  /// signal(7).
  private static let signalPattern =
    "SIG(HUP|INT|QUIT|ILL|TRAP|ABRT|BUS|FPE|KILL|USR1|SEGV|USR2|PIPE|ALRM|TERM|STKFLT|CHLD|CONT|STOP|TSTP|TTIN"
    + "|TTOU|URG|XCPU|XFSZ|VTALRM|PROF|WINCH|IO|PWR|SYS|RTMIN(\\+([0-9]|[12][0-9]|30))?"
    + "|RTMAX(-([0-9]|[12][0-9]|30))?)"

  /// A port, as a number or with the protocol; kept with it.
  private static let port = Schema<String>(
    describe: {
      .object([
        (
          "anyOf",
          .list([
            Schema<Int>.integer(1...65_535).describe(),
            .object([
              ("pattern", .string("^[0-9]{1,5}/(tcp|udp|sctp)$")), ("type", .string("string")),
            ]),
          ])
        )
      ])
    },
    decode: { node, problems in
      let text: String
      switch node.value {
      case .integer(let number): text = "\(number)/tcp"
      case .string(let written): text = written.contains("/") ? written : written + "/tcp"
      default: text = ""
      }
      if text.fits("[0-9]{1,5}/(tcp|udp|sctp)"), let number = Int(text.prefix { $0 != "/" }),
        1...65_535 ~= number
      {
        return "\(number)" + text.drop { $0 != "/" }
      }
      problems.report(
        "expected a port, found \(node.kind)", at: node.mark,
        remedy: "write a number from 1 to 65535, or with its protocol: 53/udp")
      return nil
    }, encode: { .string($0) })

  static let schema = Schema<Self>.object(
    Field(
      "name", { $0.name }, reference, default: "",
      "The image's name, such as web:1.0; 'podman load' calls it localhost/web:1.0. Default:"
        + " latest in a directory, the recipe's name and latest in an archive."),
    Field(
      "entrypoint", { $0.entrypoint }, .list(of: word), default: [],
      "The program that a container starts, with its first arguments."),
    Field(
      "command", { $0.command }, .list(of: word), default: [],
      "Further arguments, which can be replaced when a container is started."),
    Field(
      "environment", { $0.environment },
      Schema<[String: String]>.map(of: word).refusing { variables in
        let bad = variables.keys.sorted().first { !$0.fits("[A-Za-z_][A-Za-z0-9_]*") }
        return bad.map {
          ("'\($0.shortened)' is not a valid variable name", "use letters, digits and '_'")
        }
      }, default: [:], "The environment variables of the container's processes."),
    Field(
      "labels", { $0.labels },
      Schema<[String: String]>.map(of: word).refusing { labels in
        labels.keys.contains("") ? ("a label has no name", "name it before the ':'") : nil
      }, default: [:],
      "Labels of the image, such as org.opencontainers.image.version: \"1.0\"."),
    Field(
      "user", { $0.user },
      .text(
        "[a-z0-9_][a-z0-9_-]*(:[a-z0-9_][a-z0-9_-]*)?", "user",
        "write the name or number of a user, optionally followed by ':' and a group"),
      default: "", "The user that the container's processes run as. Default: root."),
    Field(
      "working-directory", { $0.workingDirectory }, place, default: "",
      "The working directory of the container's processes. Default: /."),
    Field(
      "ports", { $0.ports }, .list(of: port), default: [],
      "The ports that the container listens on, such as 8080 or 53/udp."),
    Field(
      "volumes", { $0.volumes }, .list(of: place),
      default: [], "The directories whose content outlives a container."),
    Field(
      "stop-signal", { $0.stopSignal },
      .text(signalPattern, "signal", "write its name: SIGQUIT"), default: "",
      "The signal that ends the container. Default: SIGTERM."),
    make: {
      OCISettings(
        name: $0, entrypoint: $1, command: $2, environment: $3, labels: $4, user: $5,
        workingDirectory: $6, ports: $7, volumes: $8, stopSignal: $9)
    })
}
