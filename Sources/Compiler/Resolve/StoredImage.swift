internal import Hashing
internal import Model
package import StageContracts

/// A container image that is put into a system, as it was found.
package struct StoredImage: Sendable, Equatable {
  /// The image, as the recipe has it.
  package var reference: String
  /// What the stage is told of it.
  package var stored: ContainerStore.Image
  /// Its documents and layers, each once.
  package var blobs: [ContainerImage.Layer]

  package init(
    reference: String, stored: ContainerStore.Image, blobs: [ContainerImage.Layer]
  ) {
    self.reference = reference
    self.stored = stored
    self.blobs = blobs
  }
}

/// Finds out what the container images are that a recipe puts into its system.
///
/// - Parameters:
///   - recipe: The recipe.
///   - architecture: The machine that is compiled for.
///   - settings: How the world is asked, and the lock that keeps what is not to be asked for.
/// - Returns: The images, by their names in the system.
/// - Throws: When one is not to be had, or the lock is of others.
func storedImages(
  of recipe: Recipe, for architecture: Architecture, _ settings: ResolveSettings
) throws(ResolveError) -> [String: StoredImage] {
  let kept = try keptImages(recipe.containers, settings)
  var images: [String: StoredImage] = [:]
  for container in recipe.containers {
    let name = container.value.name
    if let image = kept[name] {
      images[name] = image
      continue
    }
    let search = try ImageSearch(
      image: container.value.image, mark: container.mark, part: "modules",
      architecture: architecture, settings: settings, wantsSystem: false)
    images[name] = try search.stored(as: name, try search.find(keeping: nil))
  }
  return images
}

extension ImageSearch {
  fileprivate func stored(as name: String, _ found: ImageCache.Found) throws(ResolveError)
    -> StoredImage
  {
    let (manifest, configuration) = (found.manifest, found.configuration)
    guard configuration.archives.count == manifest.layers.count else {
      throw refusal(
        "the container image '\(image.text)' is damaged: its configuration and its manifest have"
          + " different layers",
        "build it or fetch it again")
    }
    let layers = zip(manifest.layers, configuration.archives).map {
      ContainerStore.Layer(blob: $0.digest, archive: $1)
    }
    let documents = found.documents.map { bytes in
      let digest = SHA256.digest(bytes)
      return ContainerImage.Layer(
        digest: digest,
        source: .inline(Source.Inline(name: digest.hex, inline: base64(bytes))))
    }
    return StoredImage(
      reference: image.text,
      stored: ContainerStore.Image(
        name: name, manifest: manifest.digest, configuration: manifest.config,
        created: configuration.time, layers: layers),
      blobs: documents + self.layers(of: found))
  }
}

/// The images of the lock that stay as they are; refuses a lock that has others than the recipe.
private func keptImages(
  _ wanted: [Located<NamedImage>], _ settings: ResolveSettings
) throws(ResolveError) -> [String: StoredImage] {
  guard let manifest = settings.lock, let lock = manifest.lock, settings.update != .all else {
    return [:]
  }
  var moving: Set<String> = []
  if case .packages(let names) = settings.update { moving = Set(names) }
  var found: [Diagnostic] = []
  for container in wanted where !moving.contains(container.value.name) {
    let (name, reference) = (container.value.name, container.value.image.text)
    let before = lock.images[name]
    if before == reference { continue }
    found.append(
      Diagnostic(
        before.map {
          "the lock is stale: it was made with the container image '\($0)', but the recipe has"
            + " '\(reference)'"
        } ?? "the lock is stale: it does not have the container image '\(name)'",
        at: container.mark, path: "modules",
        remedy: "update it and keep all others: --update \(name)"))
  }
  let names = Set(wanted.map(\.value.name))
  for gone in lock.images.keys.sorted() where !names.contains(gone) && !moving.contains(gone) {
    found.append(
      Diagnostic(
        "the lock is stale: it has the container image '\(gone)', which the recipe no longer asks"
          + " for",
        path: "modules", remedy: "drop it and keep all others: --update \(gone)"))
  }
  if !found.isEmpty { throw .refusal(Refusal(diagnostics: found)) }
  return try storedImages(of: manifest).filter { !moving.contains($0.key) }
}

/// The container images that an earlier manifest puts into the system, by their names there.
private func storedImages(of manifest: Manifest) throws(ResolveError) -> [String: StoredImage] {
  guard let lock = manifest.lock, !lock.images.isEmpty else { return [:] }
  var problems = Problems()
  let stages = manifest.pipelines.flatMap(\.stages)
  guard let found = stages.first(where: { $0.type == ContainerStore.name }),
    let stage = ContainerStore.schema.decode(found.options, &problems)
  else { throw .failure(Failure.brokenLock) }
  var images: [String: StoredImage] = [:]
  for (name, reference) in lock.images {
    guard let image = stage.images.first(where: { $0.name == name }) else {
      throw .failure(Failure.brokenLock)
    }
    var blobs: [ContainerImage.Layer] = []
    for digest in [image.manifest, image.configuration] + image.layers.map(\.blob) {
      guard let source = manifest.sources[digest] else { throw .failure(Failure.brokenLock) }
      blobs.append(ContainerImage.Layer(digest: digest, source: source))
    }
    images[name] = StoredImage(reference: reference, stored: image, blobs: blobs)
  }
  return images
}
