internal import Files
internal import JSON
internal import Model

/// One image of the layout of OCI images, with the files that hold its parts (image-layout.md and
/// manifest.md of the OCI's image-spec).
struct ContainerImage {
  /// `linux/amd64`, or its place in the index where that does not say.
  var platform: String
  var manifest: String
  var configuration: String
  /// Lowest first.
  var layers: [String]
  var layerDigests: [String]

  /// All images of a layout.
  ///
  /// - Returns: Them, in the order of its index.
  /// - Throws: When a part is missing or is not what its place says.
  static func all(in layout: OCILayout) throws(Failure) -> [ContainerImage] {
    var images: [ContainerImage] = []
    // An index may name itself, more than once.
    var left = Limits.documents
    var waiting = try descriptors(of: try layout.file("index.json"), &left).reversed().map {
      (item: $0, depth: 0)
    }
    while let (item, depth) = waiting.popLast() {
      let path = try layout.blob(digest(item, in: layout))
      let document = try document(path)
      if document["manifests"] != nil, depth < 4 {
        for inner in try descriptors(of: path, &left).reversed() {
          waiting.append((inner, depth + 1))
        }
        continue
      }
      guard let config = document["config"] else {
        throw Failure(
          "read", path, cause: "it is not the manifest of an image: it has no 'config'",
          remedy: "compare layouts that contain only container images")
      }
      let configuration = try layout.blob(digest(config, in: layout))
      let settings = try Self.document(configuration)
      let platform = ["os", "architecture", "variant"].compactMap { text(settings[$0]) }
      let digests = try items(document["layers"]).map { (item) throws(Failure) in
        try digest(item, in: layout)
      }
      guard digests.count <= Limits.layers else {
        throw Failure(
          "read", path,
          cause: "the image has \(digests.count) layers, more than the limit of \(Limits.layers)")
      }
      images.append(
        ContainerImage(
          platform: platform.isEmpty
            ? "image \(images.count + 1)" : platform.joined(separator: "/"),
          manifest: path, configuration: configuration,
          layers: try digests.map { (digest) throws(Failure) in try layout.blob(digest) },
          layerDigests: digests))
    }
    return images
  }

  private static func descriptors(of path: String, _ left: inout Int) throws(Failure) -> [Node] {
    let all = items(try document(path)["manifests"])
    left -= all.count
    guard left >= 0 else {
      throw Failure(
        "read", path,
        cause: "the layout has more than \(Limits.documents) manifests and indexes, the limit")
    }
    return all
  }

  private static func document(_ path: String) throws(Failure) -> Node {
    let bytes = try Files.read(path, limit: Limits.document)
    do { return try JSON.parse(bytes, file: path) } catch {
      throw Failure(
        "read", path, cause: error.problem, remedy: "copy the image again: skopeo copy")
    }
  }

  private static func digest(_ descriptor: Node, in layout: OCILayout) throws(Failure) -> String {
    guard let digest = text(descriptor["digest"]), OCILayout.isDigest(digest) else {
      throw Failure(
        "read", layout.name, cause: "it refers to a part without a digest",
        remedy: "copy the image again: skopeo copy")
    }
    return digest
  }

  private static func items(_ node: Node?) -> [Node] {
    guard case .list(let items)? = node?.value else { return [] }
    return items
  }

  private static func text(_ node: Node?) -> String? {
    guard case .string(let text)? = node?.value else { return nil }
    return text
  }

  /// A JSON file as text with a line for each value, so that two can be compared by lines.
  static func lines(_ path: String) throws(Failure) -> String {
    try document(path).prettyText
  }
}
