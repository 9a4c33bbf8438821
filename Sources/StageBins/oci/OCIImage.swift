package import Model

/// Writes a tree as a container image: an OCI image layout (image-spec 1.1) that is the whole of this
/// stage's own tree.
///
/// The files of Debian packages are in layers by the names of the packages, all others in the
/// topmost one: when a package is updated, the layer it is in and the topmost one change.
///
/// Input `tree`: the tree.
package struct OCIImage: StageContract {
  /// The name that the image has in the layout (`org.opencontainers.image.ref.name`).
  package var tag: String
  package var entrypoint: [String]
  package var command: [String]
  package var environment: [String: String]
  package var labels: [String: String]
  package var user: String
  package var workingDirectory: String
  /// Where its processes listen: a number, `/` and the protocol.
  package var ports: [String]
  package var volumes: [String]
  /// Its name; empty for SIGTERM.
  package var stopSignal: String

  package static let name = "oci"
  package static let version = 1
  package static let summary = "Write a tree as a container image in an OCI layout."
  package static let stance = Stance.onTree
  package static let buildPackages = ["coreutils", "gzip"]
  package static let schema = Schema<Self>.object(
    Field("tag", { $0.tag }, .string, "The image's name in the layout."),
    Field(
      "entrypoint", { $0.entrypoint }, .list(of: .string), default: [], "The program to start."),
    Field("command", { $0.command }, .list(of: .string), default: [], "Further arguments."),
    Field(
      "environment", { $0.environment }, .map(of: .string), default: [:], "Environment variables."),
    Field("labels", { $0.labels }, .map(of: .string), default: [:], "Labels of the image."),
    Field("user", { $0.user }, .string, default: "", "The user to run as; empty for root."),
    Field(
      "working-directory", { $0.workingDirectory }, .string, default: "",
      "The directory to start in; empty for /."),
    Field(
      optional: "ports", { $0.ports.isEmpty ? nil : $0.ports }, .list(of: .string),
      "The ports to listen on, with their protocol: 80/tcp."),
    Field(
      optional: "volumes", { $0.volumes.isEmpty ? nil : $0.volumes }, .list(of: .string),
      "The directories whose content outlives a container."),
    Field(
      optional: "stop-signal", { $0.stopSignal.isEmpty ? nil : $0.stopSignal }, .string,
      "The signal that ends a container."),
    make: {
      OCIImage(
        tag: $0, entrypoint: $1, command: $2, environment: $3, labels: $4, user: $5,
        workingDirectory: $6, ports: $7 ?? [], volumes: $8 ?? [], stopSignal: $9 ?? "")
    })

  package init(
    tag: String, entrypoint: [String], command: [String], environment: [String: String],
    labels: [String: String], user: String, workingDirectory: String, ports: [String] = [],
    volumes: [String] = [], stopSignal: String = ""
  ) {
    self.tag = tag
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
}
