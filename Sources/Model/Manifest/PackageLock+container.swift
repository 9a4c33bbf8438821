extension PackageLock {
  /// The container image that a system starts from: what the recipe called it, and what that was.
  package struct Container: Sendable, Equatable {
    /// As the recipe has it.
    package var reference: String
    /// Of the image's manifest for the architecture.
    package var manifest: Digest
    package var config: Digest
    package var process: Process

    package init(reference: String, manifest: Digest, config: Digest, process: Process) {
      self.reference = reference
      self.manifest = manifest
      self.config = config
      self.process = process
    }

    package static let schema = Schema<Container>.object(
      Field("reference", { $0.reference }, .string, "The image, as the recipe has it."),
      Field("manifest", { $0.manifest }, Digest.schema, "The digest of its manifest."),
      Field("config", { $0.config }, Digest.schema, "The digest of its configuration."),
      Field(
        "process", { $0.process }, Process.schema, default: Process(),
        "What a container of it starts."),
      make: { Container(reference: $0, manifest: $1, config: $2, process: $3) })
  }

  /// What a container of an image starts (OCI image specification, "Image Configuration").
  package struct Process: Sendable, Equatable {
    package var entrypoint: [String]
    package var command: [String]
    package var environment: [String: String]
    package var labels: [String: String]
    package var user: String
    package var workingDirectory: String
    package var ports: [String]
    package var volumes: [String]
    package var stopSignal: String

    package init(
      entrypoint: [String] = [], command: [String] = [], environment: [String: String] = [:],
      labels: [String: String] = [:], user: String = "", workingDirectory: String = "",
      ports: [String] = [], volumes: [String] = [], stopSignal: String = ""
    ) {
      self.entrypoint = entrypoint
      self.command = command
      self.environment = environment
      self.labels = labels
      self.user = user
      self.workingDirectory = workingDirectory
      self.ports = ports
      self.volumes = volumes
      self.stopSignal = stopSignal
    }

    static let schema = Schema<Process>.object(
      Field("entrypoint", { $0.entrypoint }, .list(of: .string), default: [], "The program."),
      Field("command", { $0.command }, .list(of: .string), default: [], "Its arguments."),
      Field("environment", { $0.environment }, .map(of: .string), default: [:], "Its variables."),
      Field("labels", { $0.labels }, .map(of: .string), default: [:], "What the image is."),
      Field("user", { $0.user }, .string, default: "", "Who it is; empty for root."),
      Field(
        "working-directory", { $0.workingDirectory }, .string, default: "",
        "Where it begins; empty for the root."),
      Field(
        optional: "ports", { $0.ports.isEmpty ? nil : $0.ports }, .list(of: .string),
        "Where it listens."),
      Field(
        optional: "volumes", { $0.volumes.isEmpty ? nil : $0.volumes }, .list(of: .string),
        "Where its data are."),
      Field(
        optional: "stop-signal", { $0.stopSignal.isEmpty ? nil : $0.stopSignal }, .string,
        "What ends it."),
      make: {
        Process(
          entrypoint: $0, command: $1, environment: $2, labels: $3, user: $4,
          workingDirectory: $5, ports: $6 ?? [], volumes: $7 ?? [], stopSignal: $8 ?? "")
      })
  }
}
