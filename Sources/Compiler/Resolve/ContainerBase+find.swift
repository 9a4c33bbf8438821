internal import Files
internal import Hashing
internal import Model

extension ContainerBase {
  /// A container image with the system in it.
  struct Found {
    var image: ContainerImage
    var created: Timestamp
    var system: ImageSystem
  }

  /// Asks what the image is today.
  ///
  /// - Parameters:
  ///   - architecture: The machine it is to be for.
  ///   - kept: The manifest that an earlier compilation found, to be taken again.
  ///   - settings: Where to look.
  /// - Returns: The image.
  /// - Throws: When there is none, or it is for other machines.
  func find(
    for architecture: Architecture, keeping kept: Digest?, _ settings: ResolveSettings
  ) throws(ResolveError) -> Found {
    let cache = ImageCache(in: settings.cacheFolder)
    let skopeo = Skopeo(image: image, mark: mark, architecture: architecture)
    let found: ImageCache.Found
    let known: ImageCache.Found?
    switch image.place {
    case .registry(let registry):
      found = try find(registry, by: skopeo, keeping: kept, cache, settings)
    case .layout(_, isArchive: false, _):
      let digest = try choose(try skopeo.inspect(), architecture)
      do { known = try cache.find(digest, image.text) } catch { throw .failure(error) }
      found = if let known { known } else { try cache.fetch(skopeo, nil, keepsLayers: false) }
    case .layout, .dockerArchive, .storage:
      found = try cache.fetch(skopeo, nil, keepsLayers: true)
    }
    if let kept, kept != found.manifest.digest {
      throw refusal(
        "the lock is stale: it was made with the container image \(kept), and '\(image.text)' is"
          + " another one now",
        "resolve all anew: --update without names")
    }
    let configuration = found.configuration
    guard configuration.architecture == architecture.rawValue, configuration.system == "linux"
    else {
      throw refusal(
        "the container image '\(image.text)' is for"
          + " \(configuration.system)/\(configuration.architecture), and the recipe is compiled for"
          + " linux/\(architecture.rawValue)",
        "use an image that is for it, or compile for --arch \(configuration.architecture)")
    }
    return Found(
      image: try containerImage(found, cache), created: configuration.time, system: found.system)
  }

  private func find(
    _ registry: RegistryImage, by skopeo: Skopeo, keeping kept: Digest?, _ cache: ImageCache,
    _ settings: ResolveSettings
  ) throws(ResolveError) -> ImageCache.Found {
    let architecture = skopeo.architecture
    do throws(Failure) {
      // What a digest stands for does not change.
      if let digest = kept ?? registry.digest, let known = try cache.find(digest, image.text) {
        return known
      }
      if settings.offline {
        guard let digest = cache.lastKnown(image.text, architecture),
          let known = try cache.find(digest, image.text)
        else {
          throw Failure(
            "resolve", "the container image \(image.text) offline",
            cause: "it was not fetched before",
            remedy: "compile once without --offline, with the same --cache")
        }
        return known
      }
    } catch { throw .failure(error) }
    let digest = if let kept { kept } else { try choose(try skopeo.inspect(), architecture) }
    do {
      if let known = try cache.find(digest, image.text) {
        try cache.remember(digest, as: image.text, architecture)
        return known
      }
      let found = try cache.fetch(skopeo, digest, keepsLayers: false)
      try cache.remember(digest, as: image.text, architecture)
      return found
    } catch let error as Failure { throw .failure(error) } catch let error as ResolveError {
      throw error
    } catch { throw .failure(Failure("fetch", image.text, cause: "\(error)")) }
  }

  /// Of an index the manifest for the machine, else the document itself.
  private func choose(_ bytes: [UInt8], _ architecture: Architecture) throws(ResolveError)
    -> Digest
  {
    let document: Node
    do { document = try ImageManifest.parse(bytes, "the manifest of \(image.text)") } catch {
      throw .failure(error)
    }
    guard let choices = ImageManifest.choices(document) else { return SHA256.digest(bytes) }
    let fitting = choices.filter {
      $0.system == "linux" && $0.architecture == architecture.rawValue
    }
    // arm64 without a variant is its version 8, the only one.
    if let choice = fitting.first(where: { [nil, "v8"].contains($0.variant) }) ?? fitting.first {
      return choice.digest
    }
    let platforms = Set(choices.map(\.platform)).subtracting(["unknown/unknown"]).sorted()
    throw refusal(
      "the container image '\(image.text)' is not for linux/\(architecture.rawValue)",
      platforms.isEmpty
        ? "use another image: this one is for no machine"
        : "it is for \(platforms.joined(separator: ", ")): use another image, or compile for one of"
          + " these")
  }

  private func containerImage(_ found: ImageCache.Found, _ cache: ImageCache)
    throws(ResolveError) -> ContainerImage
  {
    let manifest = found.manifest
    let layers = manifest.layers.map { layer in
      let url =
        switch image.place {
        case .registry(let registry): registry.url(of: layer.digest)
        case .layout(let path, isArchive: false, _):
          "\(path)/blobs/sha256/\(layer.digest.hex)".fileAddress
        case .layout, .dockerArchive, .storage:
          cache.path(layer.digest, of: manifest.digest).fileAddress
        }
      return ContainerImage.Layer(
        digest: layer.digest,
        source: .download(
          Source.Download(name: layer.digest.hex, size: layer.size, urls: [url])))
    }
    return ContainerImage(
      known: PackageLock.Container(
        reference: image.text, manifest: manifest.digest, config: manifest.config,
        process: found.configuration.process), layers: layers)
  }

  func refusal(_ problem: String, _ remedy: String) -> ResolveError {
    .refusal(
      Refusal(diagnostics: [Diagnostic(problem, at: mark, path: "base", remedy: remedy)]))
  }
}

extension ImageConfiguration {
  /// When the image was made; 1980 for one that does not say so, the first year that every file
  /// system can write.
  fileprivate var time: Timestamp {
    let first = Timestamp(seconds: 315_532_800)
    return max(created ?? first, first)
  }
}
