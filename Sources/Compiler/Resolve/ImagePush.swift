internal import Fetch
internal import Files
internal import Glibc
internal import Hashing
internal import JSON
package import Model
internal import Transfer

/// A container image on its way from a directory to a registry: bytes and digests stay as they are.
package struct ImagePush: Sendable {
  /// A layout as a directory.
  package var layout: String
  /// What the image is called in a failure.
  package var title: String
  package var registry: RegistryImage
  /// Whether HTTP and certificates that nobody vouches for will do.
  package var isInsecure: Bool

  package init(
    _ layout: String, called title: String, to registry: RegistryImage, isInsecure: Bool
  ) {
    self.layout = layout
    self.title = title
    self.registry = registry
    self.isInsecure = isInsecure
  }

  /// The image's name in the registry, without a tag.
  package var name: String { registry.name }

  /// Copies it.
  ///
  /// - Parameters:
  ///   - tags: The tags it gets.
  ///   - tell: Told of each tag, before it is given.
  /// - Returns: The digest of what the tags stand for.
  /// - Throws: When the layout is damaged, or the registry does not take the image.
  package func run(tags: [String], tell: (String) -> Void) throws(Failure) -> Digest {
    try Logins.check()
    let image = try image()
    var client = try client()
    do throws(Flaw) {
      var seen = Seen()
      try pushParts(of: image, by: &client, &seen)
      for tag in tags {
        tell(tag)
        try client.put(image, as: tag)
      }
      return image.digest
    } catch {
      switch error {
      case .here(let failure): throw failure
      case .there(let problem):
        throw Failure(
          "push", "the image to \(name)",
          cause: ([client.withoutSecrets(problem.cause)] + (problem.isRefused ? client.advice : []))
            .joined(
              separator: "; "),
          remedy: problem.isRefused
            ? "log in with: skopeo login \(registry.host)" : "check the name and the network")
      }
    }
  }

  /// The registry, over the first kind of connection that it answers on.
  private func client() throws(Failure) -> RegistryClient {
    let server = registry.serverName
    var ways: [(scheme: String, identity: Transfer.Identity)] = [("https", .verified)]
    if isInsecure { ways = [("https", .unverified), ("http", .verified)] }
    if registry.isLoopback { ways = [("http", .verified), ("https", .unverified)] }
    var causes: [String] = []
    for way in ways {
      let client = try RegistryClient(
        "\(way.scheme)://\(server)", registry.repository, way.identity)
      guard let absence = client.absence() else { return client }
      if !causes.contains(absence.cause) { causes.append(absence.cause) }
    }
    throw Failure(
      "ask", "the registry \(registry.host)", cause: causes.joined(separator: "; "),
      remedy: "check the name and the network")
  }

  /// Why an image did not get there.
  fileprivate enum Flaw: Error {
    case here(Failure)
    case there(Transfer.Problem)
  }

  /// What has been pushed.
  private struct Seen {
    var documents: Set<Digest> = []
    var blobs: Set<Digest> = []
  }

  /// A document of the layout: an image, or an index of several.
  fileprivate struct Document {
    var digest: Digest
    var type: String
    var bytes: [UInt8]
    var content: Node
  }

  /// What the layout has, which must be one image or index.
  private func image() throws(Failure) -> Document {
    let path = layout + "/index.json"
    guard Files.exists(path) else {
      throw Failure(
        "read", title, cause: "it is not a container image: it has no index.json",
        remedy: "name an output of the format oci or oci-archive")
    }
    let index = try parse(try Files.read(path, limit: Limits.document), "index.json")
    let entries = index["manifests"]?.items ?? []
    guard entries.count == 1, let entry = entries.first else {
      throw Failure(
        "push", title, cause: "it contains \(counted(entries.count, "image")), not one",
        remedy: "copy one of them into a layout of its own: skopeo copy oci:…:NAME oci:…")
    }
    return try document(entry)
  }

  private func document(_ descriptor: Node) throws(Failure) -> Document {
    let digest = try self.digest(descriptor)
    let bytes = try Files.read(path(digest), limit: Limits.document)
    guard SHA256.digest(bytes) == digest else { throw damaged("\(digest) has another content") }
    let content = try parse(bytes, digest.description)
    guard let type = (descriptor["mediaType"] ?? content["mediaType"])?.text, type.fits(Self.types)
    else { throw damaged("\(digest) has no media type") }
    return Document(digest: digest, type: type, bytes: bytes, content: content)
  }

  /// What may stand in a header (RFC 6838, "Naming Requirements").
  private static let types = "[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+"

  /// Pushes what a document names: an index's images, or an image's configuration and layers.
  private func pushParts(
    of document: Document, by client: inout RegistryClient, _ seen: inout Seen
  ) throws(Flaw) {
    guard seen.documents.insert(document.digest).inserted else { return }
    guard seen.documents.count <= Limits.documents else {
      throw .here(damaged("it has more than \(Limits.documents) documents"))
    }
    if let entries = document.content["manifests"]?.items {
      for entry in entries {
        let part: Document
        do { part = try self.document(entry) } catch { throw .here(error) }
        if seen.documents.contains(part.digest) { continue }
        try pushParts(of: part, by: &client, &seen)
        try client.put(part, as: part.digest.description)
      }
      return
    }
    guard let config = document.content["config"], let layers = document.content["layers"]?.items
    else { throw .here(damaged("\(document.digest) is neither an image nor an index of images")) }
    for blob in [config] + layers { try push(blob, by: &client, &seen) }
  }

  private func push(
    _ descriptor: Node, by client: inout RegistryClient, _ seen: inout Seen
  ) throws(Flaw) {
    let digest: Digest
    do { digest = try self.digest(descriptor) } catch { throw .here(error) }
    guard seen.blobs.insert(digest).inserted else { return }
    let problem: Transfer.Problem?
    do throws(Failure) { problem = try upload(digest, by: &client) } catch {
      var failure = error
      failure.remedy = failure.remedy ?? "build or copy the image again"
      throw .here(failure)
    }
    if let problem { throw .there(problem) }
  }

  /// Gives a blob to the registry, where it has none.
  ///
  /// - Returns: Why the registry does not take it.
  /// - Throws: Why it is not sent.
  private func upload(_ digest: Digest, by client: inout RegistryClient) throws(Failure)
    -> Transfer.Problem?
  {
    // A link could lead to any file of this machine.
    let file = try FileDescriptor.openRegular(path(digest), O_RDONLY | O_NOFOLLOW)
    let size = try file.size()
    do { if try client.has(digest, size: size) { return nil } } catch { return error }
    // What the image does not name stays here.
    guard try SHA256.digest(of: file).digest == digest else {
      throw damaged("\(digest) has another content")
    }
    do { try client.upload(digest, file, size: size) } catch { return error }
    return nil
  }

  private func path(_ digest: Digest) -> String { "\(layout)/blobs/sha256/\(digest.hex)" }

  private func digest(_ descriptor: Node) throws(Failure) -> Digest {
    guard let digest = descriptor["digest"]?.text.flatMap({ Digest($0) }) else {
      throw damaged("a part of it has no digest")
    }
    return digest
  }

  private func parse(_ bytes: [UInt8], _ what: String) throws(Failure) -> Node {
    do { return try JSON.parse(bytes, file: what, allowsDecimals: true) } catch {
      throw damaged("\(what): \(error.problem)")
    }
  }

  private func damaged(_ cause: String) -> Failure {
    Failure("push", title, cause: cause, remedy: "build or copy the image again")
  }
}

extension RegistryClient {
  fileprivate mutating func put(_ document: ImagePush.Document, as reference: String)
    throws(ImagePush.Flaw)
  {
    do { try put(document.bytes, type: document.type, as: reference) } catch {
      throw .there(error)
    }
  }
}
