internal import Model

/// The search for one container image that a recipe names.
struct ImageSearch {
  var image: ImageReference
  /// Where the recipe names it; nil where a command line does.
  var mark: Mark?
  /// In which part of the recipe that is: `base` or `modules`.
  var part: String
  /// The machine it is to be for.
  var architecture: Architecture
  var settings: ResolveSettings
  /// Whether to look at the system in it, for which the whole image is fetched.
  var wantsSystem: Bool

  private let cache: ImageCache
  /// Whether the image has to be looked at by this machine's policy, which skopeo does when it copies the whole.
  private let isJudged: Bool

  /// - Throws: When there is no place to keep what is found.
  init(
    image: ImageReference, mark: Mark? = nil, part: String, architecture: Architecture,
    settings: ResolveSettings, wantsSystem: Bool
  ) throws(ResolveError) {
    self.image = image
    self.mark = mark
    self.part = part
    self.architecture = architecture
    self.settings = settings
    self.wantsSystem = wantsSystem
    do {
      cache = ImageCache(in: try settings.openCache())
      isJudged =
        if case .registry(let registry) = image.place, let policy = try SignaturePolicy.own() {
          !policy.accepts(registry)
        } else { false }
    } catch { throw .failure(error) }
  }

  private var source: any ImageSource {
    if case .registry(let registry) = image.place, !isJudged {
      return RegistrySource(image: image, registry: registry, mark: mark, part: part)
    }
    return Skopeo(image: image, mark: mark, part: part, architecture: architecture)
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
    case .layout(_, isArchive: false, _): found = try take(try choose(from: try offer()))
    case .layout, .dockerArchive, .storage:
      found = try cache.fetch(source, nil, keepsLayers: true)
    }
    if let kept, kept != found.manifest.digest {
      throw refusal(
        "the lock is stale: it was made with the container image \(kept), but '\(image.text)' has"
          + " changed since",
        "resolve everything again: --update without names")
    }
    return try checked(found)
  }

  /// Asks what the image's name stands for, wherever it was found before.
  ///
  /// - Returns: What is on offer, and the image for the machine.
  /// - Throws: When there is none, or it is for other machines.
  func findAnew() throws(ResolveError) -> (offer: ImageOffer, found: ImageCache.Found) {
    switch image.place {
    case .registry, .layout(_, isArchive: false, _):
      let offer = try offer()
      let digest = try choose(from: offer)
      guard isJudged else { return (offer, try checked(try take(digest))) }
      let found = try judged(nil)
      guard found.manifest.digest == digest else {
        throw refusal(
          "the container image '\(image.text)' changed while it was looked at", "try again")
      }
      return (offer, try checked(found))
    case .layout, .dockerArchive, .storage:
      let found = try find(keeping: nil)
      return (ImageOffer(digest: found.manifest.digest), found)
    }
  }

  /// Refuses an image for other machines.
  private func checked(_ found: ImageCache.Found) throws(ResolveError) -> ImageCache.Found {
    let configuration = found.configuration
    guard configuration.architecture == architecture.rawValue, configuration.system == "linux"
    else {
      throw refusal(
        "the container image '\(image.text)' is for"
          + " \(configuration.system)/\(configuration.architecture), not for"
          + " linux/\(architecture.rawValue)",
        "use an image for that architecture, or --arch \(configuration.architecture)")
    }
    return found
  }

  private func find(_ registry: RegistryImage, keeping kept: Digest?) throws(ResolveError)
    -> ImageCache.Found
  {
    // What a digest stands for does not change.
    if !isJudged, let digest = kept ?? registry.digest, let known = try known(digest) {
      return known
    }
    if settings.offline {
      guard let digest = cache.lastKnown(image.text, architecture, isJudged: isJudged),
        let known = try known(digest)
      else {
        throw .failure(
          Failure(
            "resolve", "the container image \(image.text) offline",
            cause: isJudged
              ? "it was not fetched before under a policy that it has to fulfil"
              : "it was not fetched before",
            remedy: "compile once without --offline, with the same --cache"))
      }
      return known
    }
    let found: ImageCache.Found
    if isJudged {
      found = try judged(kept)
    } else if let kept {
      found = try take(kept)
    } else {
      found = try take(try choose(from: try offer()))
    }
    do {
      try cache.remember(found.manifest.digest, as: image.text, architecture, isJudged: isJudged)
    } catch { throw .failure(error) }
    return found
  }

  /// The image as this machine's policy lets it pass today, whatever was found before.
  ///
  /// Without a digest it is asked for by its own name: a signature may be for its tag.
  private func judged(_ digest: Digest?) throws(ResolveError) -> ImageCache.Found {
    try cache.fetch(source, digest, keepsLayers: false)
  }

  private func known(_ digest: Digest) throws(ResolveError) -> ImageCache.Found? {
    do { return try cache.find(digest, image.text, withSystem: wantsSystem) } catch {
      throw .failure(error)
    }
  }

  /// The image with this manifest, which is asked for where it is not known.
  private func take(_ digest: Digest) throws(ResolveError) -> ImageCache.Found {
    if let known = try known(digest) { return known }
    return wantsSystem
      ? try cache.fetch(source, digest, keepsLayers: false)
      : try cache.fetchDocuments(source, digest)
  }

  private func offer() throws(ResolveError) -> ImageOffer {
    let bytes = try source.inspect()
    do { return try ImageOffer(bytes, of: image.text) } catch { throw .failure(error) }
  }

  /// Of an index the manifest for the machine, else the document itself.
  private func choose(from offer: ImageOffer) throws(ResolveError) -> Digest {
    guard let choices = offer.choices else { return offer.digest }
    let fitting = choices.filter {
      $0.system == "linux" && $0.architecture == architecture.rawValue
    }
    // arm64 without a variant is its version 8, the only one.
    if let choice = fitting.first(where: { [nil, "v8"].contains($0.variant) }) ?? fitting.first {
      return choice.digest
    }
    let platforms = offer.platforms
    throw refusal(
      "the container image '\(image.text)' is not for linux/\(architecture.rawValue)",
      platforms.isEmpty
        ? "use another image: this one is an index that names no platform, perhaps of further indexes"
        : "it is for \(platforms.prefix(20).joined(separator: ", "))"
          + (platforms.count > 20 ? " and \(platforms.count - 20) more" : "")
          + ": use another image, or choose one of these with --arch"
    )
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
