internal import Files
internal import Hashing
internal import Model

/// The search for one container image that a recipe names.
struct ImageSearch {
  var image: ImageReference
  /// Where the recipe names it.
  var mark: Mark?
  /// In which part of the recipe that is: `base` or `modules`.
  var part: String
  /// The machine it is to be for.
  var architecture: Architecture
  var settings: ResolveSettings
  /// Whether to look at the system in it, for which the whole image is fetched.
  var wantsSystem: Bool

  private var cache: ImageCache { ImageCache(in: settings.cacheFolder) }

  private var skopeo: Skopeo {
    Skopeo(image: image, mark: mark, part: part, architecture: architecture)
  }

  /// Asks what the image is today.
  ///
  /// - Parameter kept: The manifest that an earlier compilation found, to be taken again.
  /// - Returns: The image.
  /// - Throws: When there is none, or it is for other machines.
  func find(keeping kept: Digest?) throws(ResolveError) -> ImageCache.Found {
    let found: ImageCache.Found
    switch image.place {
    case .registry(let registry): found = try find(registry, keeping: kept)
    case .layout(_, isArchive: false, _):
      let digest = try choose(try skopeo.inspect())
      found = if let known = try known(digest) { known } else { try fetch(nil, digest) }
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
    return found
  }

  private func find(_ registry: RegistryImage, keeping kept: Digest?) throws(ResolveError)
    -> ImageCache.Found
  {
    // What a digest stands for does not change.
    if let digest = kept ?? registry.digest, let known = try known(digest) { return known }
    if settings.offline {
      guard let digest = cache.lastKnown(image.text, architecture), let known = try known(digest)
      else {
        throw .failure(
          Failure(
            "resolve", "the container image \(image.text) offline",
            cause: "it was not fetched before",
            remedy: "compile once without --offline, with the same --cache"))
      }
      return known
    }
    let digest = if let kept { kept } else { try choose(try skopeo.inspect()) }
    let found = if let known = try known(digest) { known } else { try fetch(digest, digest) }
    do { try cache.remember(digest, as: image.text, architecture) } catch { throw .failure(error) }
    return found
  }

  private func known(_ digest: Digest) throws(ResolveError) -> ImageCache.Found? {
    do { return try cache.find(digest, image.text, withSystem: wantsSystem) } catch {
      throw .failure(error)
    }
  }

  /// Asks for an image that is not known, by `asked` where skopeo can be told a digest; the manifest is
  /// `digest`.
  private func fetch(_ asked: Digest?, _ digest: Digest) throws(ResolveError) -> ImageCache.Found {
    wantsSystem
      ? try cache.fetch(skopeo, asked, keepsLayers: false)
      : try cache.fetchDocuments(skopeo, asked, digest)
  }

  /// Of an index the manifest for the machine, else the document itself.
  private func choose(_ bytes: [UInt8]) throws(ResolveError) -> Digest {
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

  /// The layers of the image, with the places where they can be fetched.
  func layers(of found: ImageCache.Found) -> [ContainerImage.Layer] {
    found.manifest.layers.map { layer in
      let url =
        switch image.place {
        case .registry(let registry): registry.url(of: layer.digest)
        case .layout(let path, isArchive: false, _):
          "\(path)/blobs/sha256/\(layer.digest.hex)".fileAddress
        case .layout, .dockerArchive, .storage:
          cache.path(layer.digest, of: found.manifest.digest).fileAddress
        }
      return ContainerImage.Layer(
        digest: layer.digest,
        source: .download(
          Source.Download(name: layer.digest.hex, size: layer.size, urls: [url])))
    }
  }

  func refusal(_ problem: String, _ remedy: String) -> ResolveError {
    .refusal(Refusal(diagnostics: [Diagnostic(problem, at: mark, path: part, remedy: remedy)]))
  }
}
