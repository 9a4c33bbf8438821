package import Model

/// Puts container images into a tree, as podman, buildah and CRI-O keep them: a read-only storage of
/// the driver overlay in `/usr/lib/containers/storage`.
///
/// Input `blobs`: the layers, manifests and configurations, each named by the digits of its digest.
package struct ContainerStore: StageContract {
  package var images: [Image]

  /// One image.
  package struct Image: Sendable, Equatable {
    /// By which a container is started: HOST/NAME:TAG or HOST/NAME@DIGEST.
    package var name: String
    package var manifest: Digest
    package var configuration: Digest
    package var created: Timestamp
    /// The lowest one first.
    package var layers: [Layer]

    package init(
      name: String, manifest: Digest, configuration: Digest, created: Timestamp, layers: [Layer]
    ) {
      self.name = name
      self.manifest = manifest
      self.configuration = configuration
      self.created = created
      self.layers = layers
    }
  }

  /// One layer of an image.
  package struct Layer: Sendable, Equatable {
    /// As the manifest has it.
    package var blob: Digest
    /// Of the archive, not compressed: the configuration's `diff_ids`.
    package var archive: Digest

    package init(blob: Digest, archive: Digest) {
      self.blob = blob
      self.archive = archive
    }
  }

  /// Where the storage is, as Fedora and bootc have it.
  package static let path = "/usr/lib/containers/storage"

  package static let name = "container.store"
  package static let version = 1
  package static let summary = "Add container images to the system, for podman to run."
  package static let stance = Stance.onTree
  package static let makesDevices = true
  package static let schema = Schema<Self>.object(
    Field("images", { $0.images }, .list(of: image), "The images."),
    make: { ContainerStore(images: $0) })

  private static let image = Schema<Image>.object(
    Field("name", { $0.name }, .string, "HOST/NAME:TAG or HOST/NAME@DIGEST."),
    Field("manifest", { $0.manifest }, Digest.schema, "Its manifest."),
    Field("configuration", { $0.configuration }, Digest.schema, "Its configuration."),
    Field("created", { $0.created }, Timestamp.schema, "When it was made."),
    Field("layers", { $0.layers }, .list(of: layer), "Its layers, the lowest first."),
    make: { Image(name: $0, manifest: $1, configuration: $2, created: $3, layers: $4) })

  private static let layer = Schema<Layer>.object(
    Field("blob", { $0.blob }, Digest.schema, "The layer's file."),
    Field("archive", { $0.archive }, Digest.schema, "Its uncompressed archive."),
    make: { Layer(blob: $0, archive: $1) })

  package init(images: [Image]) { self.images = images }
}
