package import Model

/// What the name of a container image stands for today.
package struct InspectedImage: Sendable {
  /// By digest, for recipes; as it was asked for where it is in no registry.
  package var reference: String
  /// Of what the name stands for: an index, where there are images for several machines.
  package var digest: Digest
  /// What there are images for, sorted: `linux/arm64/v8`.
  package var platforms: [String]
  /// The machine that the rest is for.
  package var architecture: Architecture
  /// What it was asked for as, and what the image for that machine says of itself.
  package var known: PackageLock.Container
  /// When it was made; nil where it does not say so.
  package var created: Timestamp?
  /// The lowest one first.
  package var layers: [Layer]
  /// Where these are.
  package var sources: [Digest: Source]

  package struct Layer: Sendable, Equatable {
    package var digest: Digest
    /// In bytes, as it is fetched.
    package var size: Int
  }

  /// Of its layers, each counted once, in bytes.
  package var size: Int {
    Dictionary(layers.map { ($0.digest, $0.size) }) { first, _ in first }.values.reduce(0, +)
  }

  /// Asks what a container image is.
  ///
  /// - Parameters:
  ///   - image: Its name.
  ///   - architecture: The machine it is to be for.
  ///   - settings: How the world is asked; of them only the cache matters.
  /// - Throws: When it is not to be had, or not for that machine.
  package init(
    _ image: ImageReference, for architecture: Architecture,
    _ settings: ResolveSettings = ResolveSettings()
  ) throws(CompileError) {
    if let absence = image.absence(seenFrom: "the working directory") {
      throw .resolving(
        Refusal(diagnostics: [Diagnostic(absence.problem, remedy: absence.remedy)]))
    }
    let search: ImageSearch
    let (offer, found): (ImageOffer, ImageCache.Found)
    do {
      search = try ImageSearch(
        image: image, part: "", architecture: architecture, settings: settings, wantsSystem: false)
      (offer, found) = try search.findAnew()
    } catch { throw CompileError(error) }
    reference = image.pinned(to: offer.digest)
    digest = offer.digest
    platforms = offer.choices == nil ? [found.configuration.platform] : offer.platforms
    self.architecture = architecture
    known = PackageLock.Container(
      reference: image.text, manifest: found.manifest.digest, config: found.manifest.config,
      process: found.configuration.process)
    created = found.configuration.created
    layers = found.manifest.layers.map { Layer(digest: $0.digest, size: $0.size) }
    sources = Dictionary(search.layers(of: found).map { ($0.digest, $0.source) }) { a, _ in a }
  }
}
