internal import Fetch
internal import Files
internal import Hashing
internal import Model
internal import Transfer

/// An image in a registry, which is asked as the runner asks it for layers: by the same addresses, with the same logins.
struct RegistrySource: ImageSource {
  var image: ImageReference
  var registry: RegistryImage
  /// Where the recipe names it; nil where a command line does.
  var mark: Mark?
  /// In which part of the recipe that is.
  var part: String

  func inspect() throws(ResolveError) -> [UInt8] { try manifest(registry.digest) }

  func documents(_ digest: Digest) throws(ResolveError) -> (manifest: [UInt8], config: [UInt8]) {
    let manifest = try manifest(digest)
    let config: Digest
    do { config = try ImageManifest(manifest, of: image.text).config } catch {
      throw .failure(error)
    }
    return (manifest, try self.config(config))
  }

  func copy(_ digest: Digest?, to folder: String) throws(ResolveError) {
    let bytes = try manifest(digest ?? registry.digest)
    let manifest: ImageManifest
    do { manifest = try ImageManifest(bytes, of: image.text) } catch { throw .failure(error) }
    let config = try config(manifest.config)
    do {
      try Files.makeDirectories(folder)
      try Files.write(bytes, to: "\(folder)/manifest.json")
      try Files.write(config, to: "\(folder)/\(manifest.config.hex)")
    } catch { throw .failure(error) }
    var sizes: [Digest: Int] = [:]
    for layer in manifest.layers { sizes[layer.digest] = layer.size }
    let files = sizes.sorted { $0.key < $1.key }.map { digest, size in
      (
        download: Download(
          digest: digest,
          source: Source.Download(name: digest.hex, size: size, urls: [registry.url(of: digest)])),
        path: "\(folder)/\(digest.hex)"
      )
    }
    let downloads = Downloads(files, patience: RegistryClient.patienceForBlobs)
    guard let failed = downloads.run() else { return }
    let digest = files[failed.index].download.digest
    let number = (manifest.layers.firstIndex { $0.digest == digest } ?? 0) + 1
    if let failure = failed.why.failure { throw .failure(failure) }
    let said = "layer \(number): " + failed.why.causes.joined(separator: "; ")
    if failed.why.isRefused { throw denied(said) }
    throw failed.why.isDamaged ? damaged(said) : unreachable(said)
  }

  private func manifest(_ digest: Digest?) throws(ResolveError) -> [UInt8] {
    let bytes = try ask { (client) throws(Transfer.Problem) in
      try client.manifest(digest?.description ?? registry.tag ?? "")
    }
    return try checked(bytes, digest, "its manifest")
  }

  private func config(_ digest: Digest) throws(ResolveError) -> [UInt8] {
    let bytes = try ask { (client) throws(Transfer.Problem) in try client.document(digest) }
    return try checked(bytes, digest, "its configuration")
  }

  private func checked(_ bytes: [UInt8], _ digest: Digest?, _ what: String) throws(ResolveError)
    -> [UInt8]
  {
    let found = SHA256.digest(bytes)
    guard let digest, found != digest else { return bytes }
    throw damaged("the digest of \(what) is \(found), not \(digest)")
  }

  private func ask(
    _ question: (inout RegistryClient) throws(Transfer.Problem) -> [UInt8]
  ) throws(ResolveError) -> [UInt8] {
    var client: RegistryClient
    do {
      try Logins.check()
      client = try RegistryClient(registry.server, registry.repository)
    } catch { throw .failure(error) }
    do { return try question(&client) } catch {
      if error.status == 404 {
        throw refusal(
          "cannot find the image '\(image.text)': \(error.cause)",
          "list the tags with: skopeo list-tags docker://\(registry.name)")
      }
      guard error.isRefused else { throw unreachable(error.cause) }
      throw denied(([error.cause] + client.advice).joined(separator: "; "))
    }
  }

  private func denied(_ said: String) -> ResolveError {
    refusal(
      "the registry \(registry.host) denied access to '\(image.text)': \(said)",
      "log in with: skopeo login \(registry.host)")
  }

  private func damaged(_ said: String) -> ResolveError {
    refusal(
      "the container image '\(image.text)' is damaged: \(said)", "build it or fetch it again")
  }

  private func unreachable(_ said: String) -> ResolveError {
    .failure(
      Failure(
        "ask", "the registry \(registry.host)", cause: said,
        remedy: "check the name and the network"
          + (mark == nil ? "" : "; --offline uses what an earlier compilation found")))
  }

  private func refusal(_ problem: String, _ remedy: String) -> ResolveError {
    .refusal(Refusal(diagnostics: [Diagnostic(problem, at: mark, path: part, remedy: remedy)]))
  }
}
