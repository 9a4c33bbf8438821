package import Model
internal import StageContracts

/// Container images that are in the system from its first start on.
package struct ContainersModule: Module {
  package var containers: [Located<NamedImage>]
  var engine: Engine

  enum Engine: String, Sendable, CaseIterable { case podman, none }

  package static let type = "containers"
  package static let summary = "Put container images into the system, to be run without a network."
  package static let example = """
    - type: containers
      images:
        - docker://registry.example/app:1.2
        - {image: "docker://registry.example/tools/proxy:3", name: localhost/proxy:3}
    """
  package static let notes = """
    An image is named as one that a system starts from ([bases.md](../bases.md)): what is said there of
    registries, logins, digests, `--lock`, `--update` and `--offline` holds here, too. `--update NAME` takes
    what the tag of one image stands for now. One that is not in a registry, and one that is to be called
    otherwise, has a `name`.

    The images are in `/usr/lib/containers/storage`, a read-only storage of containers/storage that
    `/etc/containers/storage.conf` names beside the usual one: podman, buildah and CRI-O read it, and write to
    `/var/lib/containers/storage` as ever. (A files module that follows may put other settings in its place, which
    then name the storage in `additionalimagestores`.) `podman images --digests` has the digest that the manifest has, marked
    as read-only; `podman run`, `save` and `push` work as with an image that was pulled. A newer image of the
    same name, once pulled, takes its place. Docker and containerd have storages of their own, and see nothing
    of it.

    The package podman is installed; `engine: none` leaves that to you, and is for a system that is not
    Debian's, too.

    A user's podman, without root, has settings of its own and does not look there. It could not start the images by
    the kernel's overlay file system: their files belong to the system's root, who is nobody in the user's
    namespace. `sudo podman save NAME | podman load` gives the user a copy.

    Files keep the owners, modes and attributes that the image has. Their times are not later than the recipe's
    `epoch`. A file that a layer has as a hard link to one of another layer is refused, as podman refuses it.
    """

  package static let schema = Schema<Self>.object(
    Field(
      "images", { $0.containers },
      Schema<[Located<NamedImage>]>.list(of: NamedImage.schema.located).mapped(
        { images, node, problems in
          if !images.isEmpty { return images }
          problems.report(
            "the list is empty", at: node.mark, remedy: "name at least one container image")
          return nil
        }, { $0 }),
      "The images: docker://HOST/NAME:TAG, or a mapping with `image` and `name`."),
    Field(
      "engine", { $0.engine }, .choice, default: .podman,
      "What is installed to run them: podman, or none."),
    make: { ContainersModule(containers: $0, engine: $1) })

  package static func check(_ modules: [Located<ContainersModule>], _ problems: inout Problems) {
    let names = modules.flatMap(\.value.containers).map { Located($0.value.name, at: $0.mark) }
    problems.refuseRepeated(names, "name of a container image") { "'\($0)'" }
  }

  package var needs: [String] { engine == .podman ? ["podman"] : [] }

  package func steps(among modules: [Located<any Module>], _ contents: Contents) -> [Step] {
    let all = modules.all(Self.self).map(\.value)
    // There is one storage, which the first module makes.
    guard all.first?.containers == containers else { return [] }
    let images = all.flatMap(\.containers).compactMap { contents.images[$0.value.name] }
    return [
      Step(storing: images),
      Step(placing: [PlacedFile("/etc/containers/storage.conf", Self.settings)]),
    ]
  }

  /// containers-storage.conf(5); all but the last line are podman's own defaults.
  private static let settings = """
    [storage]
    driver = "overlay"
    runroot = "/run/containers/storage"
    graphroot = "/var/lib/containers/storage"

    [storage.options]
    additionalimagestores = ["\(ContainerStore.path)"]

    """
}

extension Step {
  /// Puts container images into the tree.
  init(storing images: [StoredImage]) {
    var blobs: [Digest] = []
    var sources: [Digest: Source] = [:]
    for image in images {
      for blob in image.blobs where sources[blob.digest] == nil {
        blobs.append(blob.digest)
        sources[blob.digest] = blob.source
      }
    }
    self.init(ContainerStore(images: images.map(\.stored)), ["blobs": .sources(blobs)])
    self.sources = sources
  }
}
