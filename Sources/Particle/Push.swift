internal import ArgumentParser
internal import Compiler
internal import Files
internal import Glibc
internal import Model
internal import Runner

/// The command `particle push IMAGE docker://…`.
struct Push: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Copy a container image to a registry.",
    discussion: """
      Copies an image of the format oci or oci-archive, bytes and digest unchanged, and prints its \
      reference by digest, for use in a recipe or a deployment. Logins are those of 'skopeo login', \
      'podman login' and 'docker login'.

      Exit status: 0 done, 1 the registry did not take the image, 2 the command line is wrong.
      """)

  @Argument(
    help: "The image: a directory of the format oci or a file of the format oci-archive.",
    completion: .file())
  var image: String

  @Argument(
    help: ArgumentHelp("Where to: docker://HOST/NAME:TAG.", valueName: "docker://host/name:tag"))
  var destination: String

  @Option(
    name: .customLong("tag"),
    help: ArgumentHelp("Also give it this tag. Can be repeated.", valueName: "tag"))
  var tags: [String] = []

  @Flag(
    help: ArgumentHelp(
      "Use HTTP, without a login, or HTTPS with an unverified certificate. Implied for the loopback address."
    ))
  var insecure = false

  @Flag(name: .shortAndLong, help: "Print only errors and the reference.")
  var quiet = false

  func validate() throws {
    if let bad = tags.first(where: { !$0.fits("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}") }) {
      throw ValidationError(
        "'\(shown(bad))' is not a tag: use letters, digits, '_', '.' and '-', at most 128")
    }
    do { _ = try registry() } catch let refusal as Refusal {
      throw ValidationError(refusal.diagnostics.map(\.problem).joined(separator: "; "))
    }
  }

  /// Where the image goes.
  private func registry() throws -> RegistryImage {
    let refused = ValidationError(
      "'\(shown(destination))' is not a tag in a registry: write docker://HOST/NAME:TAG")
    guard destination.begins(with: "docker://"),
      destination.dropFirst("docker://".count).contains("/")
    else { throw refused }
    guard case .registry(let registry) = try ImageReference(argument: destination).place,
      registry.digest == nil
    else { throw refused }
    return registry
  }

  func run() throws {
    Interrupts.hold()
    Interrupts.end(saying: "particle: interrupted") {}
    let registry = try registry()
    guard try isArchive() else { return try push(image, to: registry) }
    let named = getenv("TMPDIR").map { String(cString: $0) } ?? ""
    let folder = try Files.makeTemporaryDirectory(
      in: named.isEmpty ? "/var/tmp" : named, prefix: "particle-push-")
    Interrupts.end { try? Files.removeTree(folder) }
    defer { try? Files.removeTree(folder) }
    try OCIArchive.unpack(image, named: shown(image), to: folder + "/layout")
    try push(folder + "/layout", to: registry)
  }

  private func push(_ layout: String, to registry: RegistryImage) throws {
    let push = ImagePush(layout, called: shown(image), to: registry, isInsecure: insecure)
    let digest = try push.run(tags: [registry.tag ?? "latest"] + tags) { tag in
      if !quiet { Output.errors.write("pushing \(push.name):\(tag)\n") }
    }
    Output.results.write("docker://\(push.name)@\(digest)\n")
  }

  /// Whether the image is one file, not a directory.
  private func isArchive() throws -> Bool {
    var info = stat()
    guard stat(image, &info) == 0 else {
      throw ValidationError("cannot read '\(shown(image))': \(String(cString: strerror(errno)))")
    }
    let isDirectory = info.st_mode & S_IFMT == S_IFDIR
    if isDirectory, Files.exists(image + "/oci-layout") { return false }
    let isFile = info.st_mode & S_IFMT == S_IFREG
    let start = isFile ? try FileDescriptor.openRegular(image).read(512, at: 0) : []
    guard !isDirectory, start.dropFirst(257).starts(with: "ustar".utf8) else {
      throw ValidationError(
        "'\(shown(image))' is not a container image: name an output of the format oci or"
          + " oci-archive")
    }
    return true
  }
}
