internal import Files
internal import Glibc
internal import Model
internal import Processes
package import StageContracts
package import StageKit

@main extension OCIImage: StageBody {
  package func run(in job: borrowing Job) throws {
    let walk = try Walk(try job.input("tree"))
    try refuseWhiteouts(walk)
    try refuseUnknownUser(in: Tree(root: try job.input("tree")))
    try job.tree.makeDirectories("/blobs/sha256")
    let blobs = job.tree.outside("/blobs/sha256")
    let layers = try makeLayers(of: walk, in: blobs)

    let configuration = try add(
      configuration(layers.map(\.content), job.epoch, job.architecture), to: blobs)
    let descriptors = layers.map { layer in
      descriptor("layer.v1.tar+gzip", layer.blob, layer.size)
    }
    let manifest = try add(
      .object([
        ("schemaVersion", .integer(2)),
        ("mediaType", .string("application/vnd.oci.image.manifest.v1+json")),
        ("config", descriptor("config.v1+json", configuration.digest, configuration.size)),
        ("layers", .list(descriptors)),
      ]), to: blobs)
    let index = Node.object([
      ("schemaVersion", .integer(2)),
      ("mediaType", .string("application/vnd.oci.image.index.v1+json")),
      ("manifests", .list([named(manifest, on: job.architecture)])),
    ])
    try job.tree.write("/index.json", index.canonicalBytes)
    try job.tree.write("/oci-layout", #"{"imageLayoutVersion":"1.0.0"}"#)
  }

  /// In a layer, a name that begins with `.wh.` removes another file (image-spec, layer.md, "Whiteouts").
  private func refuseWhiteouts(_ walk: Walk) throws(Failure) {
    for entry in walk.entries {
      let name = entry.path.split(separator: UInt8(ascii: "/")).last ?? []
      guard name.starts(with: Array(".wh.".utf8)) else { continue }
      throw Failure(
        "write", "/\(ByteString(entry.path).shown)",
        cause: "in a container image, a name that begins with .wh. removes another file",
        remedy: "rename it in a script module, or use another format")
    }
  }

  /// Whoever starts a container looks its user and group up in the image, and starts nothing where they are not.
  private func refuseUnknownUser(in tree: borrowing Tree) throws(Failure) {
    let names = user.split(separator: ":", maxSplits: 1).map(String.init)
    for (name, (file, what)) in zip(names, [("/etc/passwd", "user"), ("/etc/group", "group")])
    where UInt32(name) == nil {
      let table = try NameTable(file, in: tree)
      if table.index(of: name) != nil { continue }
      let near = suggestion(for: name, among: table.names)
      throw Failure(
        "write", "a container that runs as '\(user)'", cause: "\(file) has no \(what) '\(name)'",
        remedy: near.map { "did you mean '\($0)'? a number works too" }
          ?? "create it with a users module, or write a number")
    }
  }

  /// A file of the layout, named after its digest.
  private struct Blob {
    var digest: String
    var size: Int
  }

  /// A layer, by the digest of its archive and that of the compressed one.
  private struct Layer: Sendable {
    var content: String
    var blob: String
    var size: Int
  }

  private func makeLayers(of walk: Walk, in folder: String) throws(Failure) -> [Layer] {
    // Each on a thread of its own, two at a time: one reads while the other compresses.
    let parts = try PackageLayers(walk).walks
    var layers: [Layer] = []
    for pair in stride(from: 0, to: parts.count, by: 2) {
      let errands = parts[pair..<min(pair + 2, parts.count)].enumerated().map { index, part in
        Errand { () throws(Failure) in
          try makeLayer(of: part, at: "\(folder)/new-\(index)", in: folder)
        }
      }
      for errand in errands { layers.append(try errand.wait()) }
    }
    return layers
  }

  private func makeLayer(of part: Walk, at temporary: String, in folder: String) throws(Failure)
    -> Layer
  {
    let archive = TreeArchive(part)
    let sum = try FileDescriptor.inMemory()
    let digest = Command(["sha256sum"], output: .descriptor(sum.raw))
    try digest.runLogged { (pipe) throws(Failure) in
      try archive.write(to: pipe, name: "a layer")
    }
    let file = try FileDescriptor.open(temporary, O_WRONLY | O_CREAT | O_TRUNC)
    let compressor = Command(
      ["gzip", "--no-name", "-6", "--stdout"], output: .descriptor(file.raw))
    try compressor.runLogged { (pipe) throws(Failure) in
      try archive.write(to: pipe, name: "a layer")
    }
    let blob = String(try Command(["sha256sum", "--", temporary]).runChecked().text.prefix(64))
    try Files.rename(temporary, to: "\(folder)/\(blob)")
    return Layer(
      content: String(decoding: try sum.readAll().prefix(64), as: UTF8.self), blob: blob,
      size: try file.size())
  }

  private func add(_ document: Node, to folder: String) throws(Failure) -> Blob {
    let bytes = document.canonicalBytes
    let digest = String(try Command(["sha256sum"], input: bytes).runChecked().text.prefix(64))
    try Files.write(bytes, to: "\(folder)/\(digest)")
    return Blob(digest: digest, size: bytes.count)
  }

  private func descriptor(_ type: String, _ digest: String, _ size: Int) -> Node {
    .object([
      ("mediaType", .string("application/vnd.oci.image.\(type)")),
      ("digest", .string("sha256:\(digest)")), ("size", .integer(size)),
    ])
  }

  private func named(_ manifest: Blob, on architecture: Architecture) -> Node {
    let platform = Node.object([
      ("architecture", .string(architecture.rawValue)), ("os", .string("linux")),
    ])
    return .object([
      ("mediaType", .string("application/vnd.oci.image.manifest.v1+json")),
      ("digest", .string("sha256:\(manifest.digest)")), ("size", .integer(manifest.size)),
      ("platform", platform),
      ("annotations", .object([("org.opencontainers.image.ref.name", .string(tag))])),
    ])
  }

  private func configuration(_ layers: [String], _ epoch: Timestamp, _ architecture: Architecture)
    -> Node
  {
    let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    let variables = ["PATH": path].merging(environment) { $1 }
    let pairs = variables.sorted { $0.key < $1.key }.map { Node.string("\($0.key)=\($0.value)") }
    var process: [(String, Node)] = [("Env", .list(pairs))]
    // Whoever asks for nothing gets a shell.
    let command = entrypoint.isEmpty && command.isEmpty ? ["/bin/sh"] : command
    if !entrypoint.isEmpty { process.append(("Entrypoint", .list(entrypoint.map(Node.string)))) }
    if !command.isEmpty { process.append(("Cmd", .list(command.map(Node.string)))) }
    if !labels.isEmpty {
      process.append(("Labels", .object(labels.map { ($0.key, .string($0.value)) })))
    }
    if !user.isEmpty { process.append(("User", .string(user))) }
    if !workingDirectory.isEmpty { process.append(("WorkingDir", .string(workingDirectory))) }
    for (key, names) in [("ExposedPorts", ports), ("Volumes", volumes)] where !names.isEmpty {
      process.append((key, .object(names.map { ($0, .object([])) })))
    }
    if !stopSignal.isEmpty { process.append(("StopSignal", .string(stopSignal))) }
    let made = Node.string(epoch.description)
    let history = layers.map { _ in
      Node.object([("created", made), ("created_by", .string("particle-os"))])
    }
    return .object([
      ("architecture", .string(architecture.rawValue)), ("os", .string("linux")),
      ("created", made), ("config", .object(process)),
      (
        "rootfs",
        .object([
          ("type", .string("layers")), ("diff_ids", .list(layers.map { .string("sha256:\($0)") })),
        ])
      ),
      ("history", .list(history)),
    ])
  }
}
