internal import Files
internal import Glibc
package import Model

/// Where a container image is, as skopeo(1) and containers-transports(5) write it.
package struct ImageReference: Sendable, Equatable {
  /// As the recipe has it.
  package var text: String
  package var place: Place

  package enum Place: Sendable, Equatable {
    case registry(RegistryImage)
    /// A layout of OCI, in a folder or an archive of one; the image's name in it, where it is said.
    case layout(path: String, isArchive: Bool, name: String?)
    /// What `docker save` writes.
    case dockerArchive(path: String, name: String?)
    /// The storage of podman and buildah on this machine.
    case storage(name: String)
  }

  /// The same for skopeo, with paths that hold wherever it runs.
  var forSkopeo: String {
    switch place {
    case .registry(let image): "docker://\(image.name)\(image.suffix)"
    case .layout(let path, let isArchive, let name):
      "\(isArchive ? "oci-archive" : "oci"):\(path)\(name.map { ":\($0)" } ?? "")"
    case .dockerArchive(let path, let name):
      "docker-archive:\(path)\(name.map { ":\($0)" } ?? "")"
    case .storage(let name): "containers-storage:\(name)"
    }
  }

  /// What has to be on this machine; nil where nothing has.
  private var file: (path: String, isArchive: Bool)? {
    switch place {
    case .layout(let path, isArchive: false, _): (path + "/oci-layout", false)
    case .layout(let path, _, _), .dockerArchive(let path, _): (path, true)
    case .registry, .storage: nil
    }
  }

  /// The path that skopeo gets to see: an archive of a layout is unpacked elsewhere.
  private var pathForSkopeo: String? {
    switch place {
    case .layout(let path, isArchive: false, _), .dockerArchive(let path, _): path
    case .layout, .registry, .storage: nil
    }
  }

  /// The same by digest, for recipes; as it is where it is in no registry.
  func pinned(to digest: Digest) -> String {
    guard case .registry(let image) = place else { return text }
    return "docker://\(image.name)@\(digest)"
  }

  /// Looks for what has to be on this machine.
  ///
  /// - Parameter place: What the path is seen from, for the remedy.
  /// - Returns: Why it is not there; nil where it is, or nothing has to be.
  func absence(seenFrom place: String) -> (problem: String, remedy: String)? {
    guard let file else { return nil }
    var information = stat()
    guard stat(file.path, &information) == 0, access(file.path, R_OK) == 0 else {
      let cause = String(cString: strerror(errno))
      return ("cannot use \(file.path): \(cause)", "the path is relative to \(place)")
    }
    if let path = pathForSkopeo, Skopeo.hasColon(path) {
      return (
        "cannot use \(path): skopeo takes the ':' for the end of the path",
        "move the image to a directory without a ':' in its path"
      )
    }
    guard file.isArchive, information.st_mode & S_IFMT == S_IFDIR else {
      if file.isArchive { return otherKind(of: [file.path]) }
      return otherKind(of: [file.path, indexPath(file.path)] + blobs(beside: file.path))
    }
    return (
      "cannot use \(file.path): it is a directory, not an archive",
      "name the archive file, or write oci:\(file.path) for a layout in a directory"
    )
  }

  /// What is wrong where one of these files is a named pipe or a device, from which skopeo would read for ever.
  private func otherKind(of paths: [String]) -> (problem: String, remedy: String)? {
    for path in paths where Files.exists(path) {
      do { _ = try FileDescriptor.openRegular(path) } catch {
        return ("cannot use \(path): \(error.cause)", "save the image as regular files")
      }
    }
    return nil
  }

  /// The blobs beside the file that marks a layout.
  private func blobs(beside mark: String) -> [String] {
    let folder = String(mark.dropLast("oci-layout".count)) + "blobs"
    let algorithms = (try? Files.names(in: folder)) ?? []
    return algorithms.flatMap { algorithm in
      ((try? Files.names(in: "\(folder)/\(algorithm)")) ?? []).map {
        "\(folder)/\(algorithm)/\($0)"
      }
    }
  }

  /// The index beside the file that marks a layout (OCI image layout specification).
  private func indexPath(_ mark: String) -> String {
    String(mark.dropLast("oci-layout".count)) + "index.json"
  }
}

/// An image in a registry.
package struct RegistryImage: Sendable, Equatable {
  /// With a port where there is one.
  package var host: String
  package var repository: String
  package var tag: String?
  package var digest: Digest?

  var name: String { "\(host)/\(repository)" }

  /// What podman calls it when it has fetched it.
  var localName: String { name + (tag.map { ":\($0)" } ?? digest.map { "@\($0)" } ?? "") }

  /// skopeo takes no tag beside a digest, which says more.
  fileprivate var suffix: String {
    if let digest { return "@\(digest)" }
    return tag.map { ":\($0)" } ?? ""
  }

  /// Whether it is a server of this machine, which by custom needs no certificate.
  var isLoopback: Bool {
    host.lowercased().fits("(127(\\.[0-9]{1,3}){3}|\\[::1\\]|localhost)(:[0-9]+)?")
  }

  /// Where a blob of it can be fetched (OCI distribution specification, "Pulling blobs").
  func url(of blob: Digest) -> String { "\(server)/v2/\(repository)/blobs/\(blob)" }

  /// The registry's address.
  var server: String { "\(isLoopback ? "http" : "https")://\(serverName)" }

  /// The host that the registry's interface is at: that of the usual one has another name.
  var serverName: String { host == Self.usualHost ? "registry-1.\(host)" : host }

  /// The host of a name that has none, as docker and skopeo take it.
  fileprivate static let usualHost = "docker.io"
}

extension ImageReference {
  private static let transports = [
    "containers-storage", "docker", "docker-archive", "oci", "oci-archive",
  ]

  private static let remedy =
    "write docker://HOST/NAME:TAG, oci:DIR, oci-archive:FILE, docker-archive:FILE or"
    + " containers-storage:NAME"

  package static let schema = Schema<String>.string.mapped(
    { (text, node, problems) -> ImageReference? in
      do throws(Wrong) { return try ImageReference(text, besideFile: node.mark?.file ?? "") } catch
      {
        problems.report(error.problem, at: node.mark, remedy: error.remedy)
        return nil
      }
    }, { $0.text }
  ).describing([("pattern", .string("^(\(transports.joined(separator: "|"))):.+$"))])

  /// What an image is called where it is kept: `HOST/NAME:TAG`.
  package static let localName = Schema<String>.string.mapped(
    { (text, node, problems) -> String? in
      let image = try? registry("//" + text)
      if let image, image.digest == nil, image.host == text.prefix(while: { $0 != "/" }) {
        return image.localName
      }
      problems.report(
        "'\(text.shortened)' is not a valid container image name", at: node.mark,
        remedy: "write HOST/NAME:TAG in lower case, such as localhost/app:1")
      return nil
    }, { $0 })

  /// Reads what a command line has, where paths are seen from the working directory.
  ///
  /// - Throws: What is wrong with it.
  package init(argument text: String) throws(Refusal) {
    do throws(Wrong) { try self.init(text, besideFile: "") } catch {
      throw Refusal(diagnostics: [Diagnostic(error.problem, remedy: error.remedy)])
    }
  }

  private struct Wrong: Error {
    var problem: String
    var remedy: String
  }

  private init(_ text: String, besideFile file: String) throws(Wrong) {
    guard let (transport, rest) = text.cut(at: ":"), shown(text).isSame(as: text), !text.has(" ")
    else {
      throw Wrong(
        problem: "'\(text.shortened)' is not a valid container image", remedy: Self.remedy)
    }
    guard Self.transports.contains(transport) else {
      let near = suggestion(for: transport, among: Self.transports)
      throw Wrong(
        problem: "unknown kind of container image '\(transport.shortened)'",
        remedy: near.map { "did you mean '\($0)'?" } ?? Self.remedy)
    }
    self.text = text
    if transport == "docker" {
      place = .registry(try Self.registry(rest))
      return
    }
    if transport == "containers-storage" {
      guard !rest.isEmpty else {
        throw Wrong(problem: "the image has no name", remedy: "write containers-storage:NAME:TAG")
      }
      place = .storage(name: rest)
      return
    }
    // skopeo takes what stands behind the first colon for the image's name.
    let parts = rest.parts(at: ":", limit: 2, keepingEmpty: true)
    guard let first = parts.first, !first.isEmpty, parts.count == 1 || !parts[1].isEmpty else {
      throw Wrong(
        problem: "the container image has no \(parts.first?.isEmpty == false ? "name" : "path")",
        remedy: "write \(transport):PATH or \(transport):PATH:NAME")
    }
    let path = first.resolved(besideFile: file)
    let name = parts.count > 1 ? parts[1] : nil
    place =
      transport == "docker-archive"
      ? .dockerArchive(path: path, name: name)
      : .layout(path: path, isArchive: transport == "oci-archive", name: name)
  }

  /// Whether it is a registry's host as distribution's reference package has it; of numbers alone only an address of IPv4
  /// in its usual form, as others would be further names of it.
  private static func isHost(_ text: String) -> Bool {
    let word = "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
    guard text.fits("(\(word)(\\.\(word))*|\\[[0-9A-Fa-f:]+\\])(:[0-9]+)?") else { return false }
    let name = String(text.prefix { $0 != ":" })
    let last = name.parts(at: ".", keepingEmpty: true).last ?? ""
    let isNumber = last.fits("[0-9]+|0[xX][0-9A-Fa-f]*")
    let byte = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
    return !isNumber || name.fits("\(byte)(\\.\(byte)){3}")
  }

  /// Reads `//HOST/NAME:TAG@DIGEST` (the grammar of distribution's reference package).
  private static func registry(_ text: String) throws(Wrong) -> RegistryImage {
    guard text.begins(with: "//") else {
      throw Wrong(
        problem: "a registry's image begins with 'docker://'", remedy: "write docker://\(text)")
    }
    var rest = String(decoding: text.utf8.dropFirst(2), as: UTF8.self)
    var digest: Digest?
    let address = "docker:\(text)"
    guard withoutLogins(address) == address else {
      throw Wrong(
        problem:
          "the container image '\(address)' contains a user name or password, which would end up"
          + " in the manifest",
        remedy: "remove it, and log in with: skopeo login HOST")
    }
    if let (name, after) = rest.cut(at: "@") {
      digest = Digest(after)
      guard digest != nil else {
        throw Wrong(
          problem: "'\(after.shortened)' is not a valid digest",
          remedy: "write sha256: and 64 lower-case hexadecimal digits")
      }
      rest = name
    }
    var parts = rest.parts(at: "/", keepingEmpty: true)
    var host = RegistryImage.usualHost
    if parts.count > 1,
      parts[0].has(".") || parts[0].has(":") || parts[0] == "localhost"
    {
      host = parts.removeFirst()
      if host == "index.\(RegistryImage.usualHost)" { host = RegistryImage.usualHost }
    }
    var tag: String?
    if let (name, after) = parts.last?.cut(at: ":") {
      tag = after
      parts[parts.count - 1] = name
    }
    if host == RegistryImage.usualHost, parts.count == 1 { parts.insert("library", at: 0) }
    let isName = parts.allSatisfy { $0.fits("[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*") }
    guard isName, Self.isHost(host),
      tag?.fits("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}") ?? true
    else {
      throw Wrong(
        problem: "'\(text.dropFirst(2).description.shortened)' is not a valid registry image",
        remedy: "write docker://HOST/NAME:TAG, the name in lower case")
    }
    return RegistryImage(
      host: host, repository: parts.joined(separator: "/"),
      tag: tag ?? (digest == nil ? "latest" : nil),
      digest: digest)
  }
}
