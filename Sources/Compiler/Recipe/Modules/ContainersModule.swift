package import Model
internal import StageContracts

/// Container images that are in the system from its first start on.
package struct ContainersModule: Module {
  package var containers: [Located<NamedImage>]
  var engine: Engine

  enum Engine: String, Sendable, CaseIterable { case podman, none }

  package static let type = "containers"
  package static let summary =
    "Put container images into the system, ready to run without a network."
  package static let example = """
    - type: containers
      images:
        - docker://registry.example/app:1.2
        - {image: "docker://registry.example/tools/proxy:3", name: localhost/proxy:3}
    """
  package static let notes = """
    Write an image in the same way as a base image ([bases.md](../bases.md)); registries, logins, digests, `--lock`,
    `--update` and `--offline` work as described there. `--update NAME` updates a single image to what its tag currently
    points to. An image that is not in a registry needs a `name`; for any other, `name` changes what it is called in the
    system.

    The images are stored in `/usr/lib/containers/storage`, a read-only image store that `/etc/containers/storage.conf`
    lists in addition to the default one. podman, buildah and CRI-O read it, and still write to
    `/var/lib/containers/storage`. (A later `files` module can replace these settings; they must then list the store
    in `additionalimagestores`.) `podman images --digests` shows each image as read-only, with the digest from the
    manifest. `podman run`, `save` and `push` work as with an image that was pulled. If a newer image of the same name
    is pulled, it takes precedence. Docker and containerd have their own stores and do not see these images.

    podman is installed unless you set `engine: none`, which leaves the choice of the engine to you and also works
    for systems that are not Debian.

    Rootless podman has its own settings and does not read this store. It could not run the images with the kernel's
    overlay file system either, since their files belong to the system's root, who is nobody in the user's namespace.
    `sudo podman save NAME | podman load` gives the user a copy.

    Files keep their owners, modes and attributes from the image. Their modification times are no later than the
    recipe's `epoch`. A hard link from one layer to a file of another is an error, as it is for podman.
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
      "The container engine to install: podman, or none."),
    make: { ContainersModule(containers: $0, engine: $1) })

  package static func check(_ modules: [Located<ContainersModule>], _ problems: inout Problems) {
    let names = modules.flatMap(\.value.containers).map { Located($0.value.name, at: $0.mark) }
    problems.refuseRepeated(names, "container image name") { "'\($0)'" }
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
