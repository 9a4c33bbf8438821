package import Model

/// A container image that is to be in the system, and what it is called there.
package struct NamedImage: Sendable, Equatable {
  package var image: ImageReference
  /// `HOST/NAME:TAG`, or `HOST/NAME@DIGEST`.
  package var name: String

  private typealias Written = (image: ImageReference, name: String?)

  private static let mapping = Schema<Written>.object(
    Field(
      "image", { $0.image }, ImageReference.schema,
      "The image: docker://HOST/NAME:TAG, oci:DIR, oci-archive:FILE, docker-archive:FILE or"
        + " containers-storage:NAME."),
    Field(
      optional: "name", { $0.name }, ImageReference.localName,
      "The name of the image in the system, HOST/NAME:TAG. Default: its name in the registry."),
    make: { (image: $0, name: $1) })

  /// A reference, or a mapping of one and a name.
  package static let schema = Schema<NamedImage>(
    describe: {
      .object([("oneOf", .list([ImageReference.schema.describe(), mapping.describe()]))])
    },
    decode: { node, problems in
      var written: Written?
      if case .object = node.value {
        written = mapping.decode(node, &problems)
      } else {
        written = ImageReference.schema.decode(node, &problems).map { (image: $0, name: nil) }
      }
      guard let written else { return nil }
      if let name = written.name { return NamedImage(image: written.image, name: name) }
      if case .registry(let registry) = written.image.place {
        return NamedImage(image: written.image, name: registry.localName)
      }
      problems.report(
        "the container image '\(written.image.text.shortened)' needs a name in the system",
        at: node.mark,
        remedy: "write {image: \"\(written.image.text)\", name: localhost/app:1}")
      return nil
    },
    encode: { mapping.encode((image: $0.image, name: $0.name)) })
}

extension Recipe {
  /// The container images that are to be in the system.
  var containers: [Located<NamedImage>] { modules.flatMap(\.value.containers) }
}
