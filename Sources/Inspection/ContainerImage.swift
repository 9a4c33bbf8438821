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

  /// All images of a layout.
  ///
  /// - Parameter layout: Its folder.
  /// - Returns: Them, in the order of its index.
  /// - Throws: When a part is missing or is not what its place says.
  static func all(in layout: String) throws(Failure) -> [ContainerImage] {
    try images(of: layout + "/index.json", in: layout, depth: 0)
  }

  private static func images(of index: String, in layout: String, depth: Int) throws(Failure)
    -> [ContainerImage]
  {
    var images: [ContainerImage] = []
    for (number, item) in items(try document(index)["manifests"]).enumerated() {
      let path = try blob(item, in: layout)
      let document = try document(path)
      if document["manifests"] != nil, depth < 4 {
        images += try Self.images(of: path, in: layout, depth: depth + 1)
        continue
      }
      guard let config = document["config"] else {
        throw Failure(
          "read", path, cause: "it is no manifest of an image: it has no 'config'",
          remedy: "compare layouts that have container images only")
      }
      let configuration = try blob(config, in: layout)
      let settings = try Self.document(configuration)
      let platform = ["os", "architecture", "variant"].compactMap { text(settings[$0]) }
      var layers: [String] = []
      for layer in items(document["layers"]) { layers.append(try blob(layer, in: layout)) }
      images.append(
        ContainerImage(
          platform: platform.isEmpty ? "image \(number + 1)" : platform.joined(separator: "/"),
          manifest: path, configuration: configuration, layers: layers))
    }
    return images
  }

  private static func document(_ path: String) throws(Failure) -> Node {
    do { return try JSON.parse(try Files.read(path), file: path) } catch let error as Diagnostic {
      throw Failure("read", path, cause: error.problem)
    } catch let error as Failure { throw error } catch {
      throw Failure("read", path, cause: "\(error)")
    }
  }

  private static func blob(_ descriptor: Node, in layout: String) throws(Failure) -> String {
    guard let digest = text(descriptor["digest"]),
      case let parts = digest.split(separator: ":"), parts.count == 2,
      parts.allSatisfy({ $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) } })
    else {
      throw Failure(
        "read", layout, cause: "it names a part without a digest",
        remedy: "copy the image anew: skopeo copy")
    }
    return "\(layout)/blobs/\(parts[0])/\(parts[1])"
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
