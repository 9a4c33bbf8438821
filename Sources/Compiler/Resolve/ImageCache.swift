internal import Files
internal import Glibc
internal import Hashing
internal import Layers
internal import Model
internal import Tar

/// What earlier compilations found out about container images: a folder for each manifest, and for
/// each name the manifest that it stood for last.
struct ImageCache {
  let folder: String

  init(in cache: String) { folder = "\(cache)/containers" }

  /// An image as it was found.
  struct Found {
    var manifest: ImageManifest
    var configuration: ImageConfiguration
    /// Nothing where nobody looked at it.
    var system = ImageSystem(status: nil, extendedStates: nil, release: nil)
    /// Manifest and configuration, as they are.
    var documents: [[UInt8]]
  }

  /// - Parameters:
  ///   - digest: The image's manifest.
  ///   - image: What it is called in a failure.
  ///   - withSystem: Whether its system is wanted, too.
  /// - Returns: Nil for an image that no earlier compilation looked at.
  /// - Throws: When what it left cannot be read.
  func find(_ digest: Digest, _ image: String, withSystem: Bool) throws(Failure) -> Found? {
    if let found = try find(digest, image, in: place(digest)) { return found }
    return withSystem ? nil : try find(digest, image, in: documents(digest))
  }

  private func find(_ digest: Digest, _ image: String, in place: String) throws(Failure) -> Found? {
    guard let bytes = try? Files.read("\(place)/manifest.json"), SHA256.digest(bytes) == digest
    else {
      return nil
    }
    let manifest = try ImageManifest(bytes, of: image)
    guard let config = try? Files.read("\(place)/config.json"),
      SHA256.digest(config) == manifest.config
    else { return nil }
    return Found(
      manifest: manifest,
      configuration: try ImageConfiguration(config, with: manifest, of: image),
      system: ImageSystem(
        status: try? Files.readText("\(place)/status"),
        extendedStates: try? Files.readText("\(place)/extended_states"),
        release: try? Files.readText("\(place)/os-release")), documents: [bytes, config])
  }

  /// Asks for the documents of an image, and leaves its layers where they are.
  ///
  /// - Parameters:
  ///   - source: The image.
  ///   - digest: Its manifest.
  /// - Returns: What was found; its system is not looked at.
  /// - Throws: When the image is not to be had, or is damaged.
  func fetchDocuments(_ source: any ImageSource, _ digest: Digest) throws(ResolveError) -> Found {
    let name = source.image.text
    let (bytes, config) = try source.documents(digest)
    do throws(Failure) {
      let manifest = try ImageManifest(bytes, of: name)
      let found = Found(
        manifest: manifest, configuration: try ImageConfiguration(config, with: manifest, of: name),
        documents: [bytes, config])
      guard manifest.digest == digest, SHA256.digest(config) == manifest.config else {
        throw Failure(
          "use", "the container image \(name)", cause: "its content does not match its digests",
          remedy: "build it or fetch it again")
      }
      try makeFolder(documents(digest))
      try Files.writeAtomically(config, to: documents(digest) + "/config.json")
      try Files.writeAtomically(bytes, to: documents(digest) + "/manifest.json")
      return found
    } catch { throw .failure(error) }
  }

  /// Brings an image here and looks at it.
  ///
  /// - Parameters:
  ///   - source: The image.
  ///   - digest: Its manifest, where that is known.
  ///   - keepsLayers: Whether the layers stay here, being nowhere else as files.
  /// - Returns: What was found.
  /// - Throws: When the image is not to be had, or is damaged.
  func fetch(_ source: any ImageSource, _ digest: Digest?, keepsLayers: Bool)
    throws(ResolveError) -> Found
  {
    let name = source.image.text
    do {
      try makeFolder("\(folder)/images")
      removeLeftovers()
      let new = try Files.makeTemporaryDirectory(in: folder, prefix: "new-")
      defer { try? Files.removeTree(new) }
      try copy(source, digest, to: "\(new)/image")
      let bytes = try Files.read("\(new)/image/manifest.json")
      let manifest = try ImageManifest(bytes, of: name)
      if let known = try find(manifest.digest, name, withSystem: true),
        !keepsLayers || layersAreHere(manifest)
      {
        return known
      }
      let config = try Files.read("\(new)/image/\(manifest.config.hex)")
      let configuration = try ImageConfiguration(config, with: manifest, of: name)
      let system = try ImageSystem(
        layers: manifest.layers.enumerated().map { index, layer in
          (
            "\(new)/image/\(layer.digest.hex)",
            "layer \(index + 1) of the container image \(name)"
          )
        })
      try Files.makeDirectories("\(new)/found")
      for (name, text) in [
        ("status", system.status), ("extended_states", system.extendedStates),
        ("os-release", system.release),
      ] {
        guard let text else { continue }
        try Files.write(Array(text.utf8), to: "\(new)/found/\(name)")
      }
      try Files.write(config, to: "\(new)/found/config.json")
      try Files.write(bytes, to: "\(new)/found/manifest.json")
      if keepsLayers {
        try Files.makeDirectories("\(new)/found/layers")
        for layer in Set(manifest.layers.map(\.digest)) {
          try Files.rename(
            "\(new)/image/\(layer.hex)", to: "\(new)/found/layers/\(layer.hex)")
        }
      }
      let place = place(manifest.digest)
      // Another compilation may have been faster, or have kept no layers.
      try Files.removeTree(place)
      if rename("\(new)/found", place) != 0, errno != EEXIST, errno != ENOTEMPTY {
        throw Failure.system("create the directory", place)
      }
      return Found(
        manifest: manifest, configuration: configuration, system: system,
        documents: [bytes, config])
    } catch let error as ResolveError {
      throw error
    } catch let error as Failure {
      throw .failure(error)
    } catch {
      throw .failure(Failure("fetch", name, cause: "\(error)"))
    }
  }

  /// Refuses a compressed archive that comes to more than such a file can honestly hold: skopeo would fill the disk.
  private func checkExpansion(of path: String, _ name: String) throws(Failure) {
    guard try FileDescriptor.openRegular(path).read(2, at: 0) == [0x1f, 0x8b] else { return }
    var archive = try TarReader(layer: path, named: name)
    while try archive.next() != nil {}
  }

  /// Copies an image, an archive after it has been unpacked.
  private func copy(_ source: any ImageSource, _ digest: Digest?, to place: String) throws {
    if case .dockerArchive(let path, _) = source.image.place {
      try checkExpansion(of: path, source.image.text)
    }
    guard case .layout(let path, isArchive: true, let tag) = source.image.place,
      var skopeo = source as? Skopeo
    else { return try source.copy(digest, to: place) }
    let layout = try Files.makeTemporaryDirectory(
      in: Skopeo.folder(preferring: folder), prefix: "particle-layout-")
    defer { try? Files.removeTree(layout) }
    try OCIArchive.unpack(path, named: source.image.text, to: layout)
    skopeo.image.place = .layout(path: layout, isArchive: false, name: tag)
    try skopeo.copy(digest, to: place)
  }

  /// The manifest that a name stood for when it was last asked about.
  ///
  /// - Parameters:
  ///   - image: The name.
  ///   - architecture: The machine it is for.
  ///   - isJudged: Whether only those count that this machine's policy was asked about.
  /// - Returns: Its digest; nil where it was never asked about.
  func lastKnown(_ image: String, _ architecture: Architecture, isJudged: Bool) -> Digest? {
    (try? Files.readText(note(image, architecture, isJudged))).flatMap { Digest($0) }
  }

  func remember(
    _ digest: Digest, as image: String, _ architecture: Architecture, isJudged: Bool
  ) throws(Failure) {
    try makeFolder("\(folder)/names")
    try Files.writeAtomically(
      Array(digest.description.utf8), to: note(image, architecture, isJudged))
  }

  private func makeFolder(_ path: String) throws(Failure) {
    do throws(Failure) {
      try Files.makeDirectories(path)
      // What is in an image is not for everybody; of root's cache, others can see the rest.
      guard chmod(folder, 0o700) == 0 else { throw Failure.system("close", folder) }
    } catch var failure {
      failure.remedy = "choose another directory with --cache or PARTICLE_CACHE"
      throw failure
    }
  }

  /// Removes what compilations that were killed have left, once it is a day old.
  private func removeLeftovers() {
    for name in (try? Files.names(in: folder)) ?? []
    where name.hasPrefix("new-") || name.hasPrefix("particle-layout-") {
      let path = "\(folder)/\(name)"
      guard let info = try? Files.information(path), info.st_mtim.tv_sec < time(nil) - 86_400
      else { continue }
      try? Files.removeTree(path)
    }
  }

  /// Where a layer is that `fetch` has kept.
  func path(_ layer: Digest, of manifest: Digest) -> String {
    "\(place(manifest))/layers/\(layer.hex)"
  }

  private func layersAreHere(_ manifest: ImageManifest) -> Bool {
    manifest.layers.allSatisfy { Files.exists(path($0.digest, of: manifest.digest)) }
  }

  private func place(_ digest: Digest) -> String { "\(folder)/images/\(digest.hex)" }

  private func documents(_ digest: Digest) -> String { "\(folder)/documents/\(digest.hex)" }

  private func note(_ image: String, _ architecture: Architecture, _ isJudged: Bool) -> String {
    let key = "\(architecture)\n\(image)" + (isJudged ? "\njudged" : "")
    return "\(folder)/names/\(SHA256.digest(Array(key.utf8)).hex)"
  }
}
