package import Model

extension Image {
  /// What single formats of an image are to be like.
  package struct FormatSettings: Sendable, Equatable {
    package var qcow2 = QCOW2()
    package var vmdk = VMDK()
    package var ova = OVA()
    package var squashfs = Squashfs()
    package var erofs = EROFS()
    package var oci = OCI()

    package struct QCOW2: Sendable, Equatable {
      package var compression = Compression.none

      package enum Compression: String, Sendable, CaseIterable { case none, zstd }

      static let schema = Schema<Self>.object(
        Field(
          "compression", { $0.compression }, .choice, default: Compression.none,
          "Whether and how to compress the clusters."),
        make: { QCOW2(compression: $0) })
    }

    package struct VMDK: Sendable, Equatable {
      package var variant = Variant.sparse

      package enum Variant: String, Sendable, CaseIterable {
        case sparse = "monolithic-sparse"
        case stream = "stream-optimised"
      }

      static let schema = Schema<Self>.object(
        Field(
          "variant", { $0.variant }, .choice, default: .sparse,
          "The kind of VMDK: monolithic-sparse to run it, stream-optimised (compressed) to upload it."
        ),
        make: { VMDK(variant: $0) })
    }

    package struct OVA: Sendable, Equatable {
      package var memory = ByteSize(bytes: 1 << 30)
      package var processors = 1

      static let schema = Schema<Self>.object(
        Field(
          "memory", { $0.memory },
          ByteSize.schema.refusing { size in
            size.bytes > 0 && size.bytes % (1 << 20) == 0
              ? nil : ("the memory size \(size) is not a whole number of MiB", "use MiB or GiB")
          }, default: ByteSize(bytes: 1 << 30), "The memory of the machine."),
        Field(
          "processors", { $0.processors }, .integer(1...256), default: 1,
          "The number of processors of the machine."),
        make: { OVA(memory: $0, processors: $1) })
    }

    package struct Squashfs: Sendable, Equatable {
      package var compression = Compression.zstd

      package enum Compression: String, Sendable, CaseIterable { case zstd, xz, gzip, lz4 }

      static let schema = Schema<Self>.object(
        Field(
          "compression", { $0.compression }, .choice, default: .zstd, "The compression method."),
        make: { Squashfs(compression: $0) })
    }

    package struct EROFS: Sendable, Equatable {
      package var compression = Compression.lz4hc

      package enum Compression: String, Sendable, CaseIterable { case lz4hc, zstd, none }

      static let schema = Schema<Self>.object(
        Field(
          "compression", { $0.compression }, .choice, default: .lz4hc, "The compression method."),
        make: { EROFS(compression: $0) })
    }
  }
}

extension Image.FormatSettings {
  /// What a container of the image starts, and what is told of it (OCI image specification,
  /// "Image Configuration").
  package struct OCI: Sendable, Equatable {
    /// Empty for a name of our choice.
    package var name = ""
    package var entrypoint: [String] = []
    package var command: [String] = []
    package var environment: [String: String] = [:]
    package var labels: [String: String] = [:]
    package var user = ""
    package var workingDirectory = ""
    /// Each with its protocol.
    package var ports: [String] = []
    package var volumes: [String] = []
    package var stopSignal = ""

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
        OCI(
          name: $0, entrypoint: $1, command: $2, environment: $3, labels: $4, user: $5,
          workingDirectory: $6, ports: $7, volumes: $8, stopSignal: $9)
      })
  }

  /// The settings as they are written, each with its place.
  struct Written: Sendable {
    var qcow2: Located<QCOW2>?
    var vmdk: Located<VMDK>?
    var ova: Located<OVA>?
    var squashfs: Located<Squashfs>?
    var erofs: Located<EROFS>?
    var oci: Located<OCI>?

    init(
      qcow2: Located<QCOW2>? = nil, vmdk: Located<VMDK>? = nil, ova: Located<OVA>? = nil,
      squashfs: Located<Squashfs>? = nil, erofs: Located<EROFS>? = nil, oci: Located<OCI>? = nil
    ) {
      self.qcow2 = qcow2
      self.vmdk = vmdk
      self.ova = ova
      self.squashfs = squashfs
      self.erofs = erofs
      self.oci = oci
    }
  }
}

extension Image.FormatSettings.Written {
  init(_ settings: Image.FormatSettings) {
    self.init(
      qcow2: Located(settings.qcow2), vmdk: Located(settings.vmdk), ova: Located(settings.ova),
      squashfs: Located(settings.squashfs), erofs: Located(settings.erofs),
      oci: Located(settings.oci))
  }

  /// The settings, with a report of those whose format the image does not have.
  func checked(_ formats: [Image.Format], _ problems: inout Problems) -> Image.FormatSettings {
    let all: [(key: String, mark: Mark?, formats: [Image.Format])] = [
      ("qcow2", qcow2?.mark, [.qcow2]), ("vmdk", vmdk?.mark, [.vmdk]), ("ova", ova?.mark, [.ova]),
      ("squashfs", squashfs?.mark, [.squashfs, .iso]), ("erofs", erofs?.mark, [.erofs]),
      ("oci", oci?.mark, [.oci, .ociArchive]),
    ]
    for (key, mark, wanted) in all {
      guard let mark, !formats.contains(where: wanted.contains) else { continue }
      let names = wanted.map { "'\($0.rawValue)'" }.joined(separator: " or ")
      problems.report(
        "'\(key)' applies to a format that this image does not have", at: mark,
        remedy: "remove it, or add \(names) to 'formats'")
    }
    var settings = Image.FormatSettings()
    if let qcow2 { settings.qcow2 = qcow2.value }
    if let vmdk { settings.vmdk = vmdk.value }
    if let ova { settings.ova = ova.value }
    if let squashfs { settings.squashfs = squashfs.value }
    if let erofs { settings.erofs = erofs.value }
    if let oci { settings.oci = oci.value }
    return settings
  }
}
