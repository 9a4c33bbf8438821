internal import Hashing
internal import JSON
internal import Model

/// The manifest of a container image for one machine, OCI's or Docker's (OCI image specification,
/// "Image Manifest"; distribution's "Image Manifest Version 2, Schema 2").
struct ImageManifest: Sendable, Equatable {
  var digest: Digest
  var config: Digest
  var layers: [Descriptor]

  struct Descriptor: Sendable, Equatable {
    var digest: Digest
    var size: Int
  }

  /// One image of several: an entry of an index.
  struct Choice: Sendable, Equatable {
    var digest: Digest
    var system: String
    var architecture: String
    var variant: String?

    var platform: String { "\(system)/\(architecture)\(variant.map { "/\($0)" } ?? "")" }
  }

  /// The images of an index; nil for a document that is none.
  static func choices(_ document: Node) -> [Choice]? {
    document["manifests"]?.items.compactMap { entry in
      guard let digest = entry["digest"]?.text.flatMap({ Digest($0) }) else { return nil }
      let platform = entry["platform"]
      return Choice(
        digest: digest, system: platform?["os"]?.text ?? "",
        architecture: platform?["architecture"]?.text ?? "", variant: platform?["variant"]?.text)
    }
  }

  /// - Parameters:
  ///   - bytes: The manifest, of which the digest is taken.
  ///   - image: What it is called in a failure.
  /// - Throws: When it is of a kind that has no layers as files.
  init(_ bytes: [UInt8], of image: String) throws(Failure) {
    let document = try Self.parse(bytes, "the manifest of \(image)")
    guard document["schemaVersion"]?.value == .integer(2),
      let config = document["config"]?["digest"]?.text.flatMap({ Digest($0) }),
      let entries = document["layers"]?.items
    else {
      throw Failure(
        "use", "the container image \(image)",
        cause: "its manifest is neither OCI's nor Docker's of version 2",
        remedy: "make one with: skopeo copy --format oci \(image) oci:DIR")
    }
    digest = SHA256.digest(bytes)
    self.config = config
    layers = []
    for entry in entries {
      let type = entry["mediaType"]?.text ?? ""
      guard let digest = entry["digest"]?.text.flatMap({ Digest($0) }),
        case .integer(let size)? = entry["size"]?.value, size >= 0, type.contains("tar"),
        !type.contains("encrypted"), entry["urls"] == nil
      else {
        throw Failure(
          "use", "the container image \(image)",
          cause: "it has a layer of the kind '\(type)', which is not just a tar archive",
          remedy: "use an image for Linux whose layers are not encrypted")
      }
      layers.append(Descriptor(digest: digest, size: size))
    }
  }

  static func parse(_ bytes: [UInt8], _ what: String) throws(Failure) -> Node {
    do { return try JSON.parse(bytes, file: what, allowsDecimals: true) } catch {
      throw Failure("read", what, cause: error.problem)
    }
  }
}

/// What an image says of itself (OCI image specification, "Image Configuration").
struct ImageConfiguration: Sendable, Equatable {
  var architecture: String
  var system: String
  var created: Timestamp?
  var process: PackageLock.Process
  /// The digests of the layers' archives, not compressed, the lowest one first.
  var archives: [Digest]

  /// When the image was made; 1980 for one that does not say so, the first year that every file
  /// system can write.
  var time: Timestamp {
    let first = Timestamp(seconds: 315_532_800)
    return max(created ?? first, first)
  }

  init(_ bytes: [UInt8], of image: String) throws(Failure) {
    let document = try ImageManifest.parse(bytes, "the configuration of \(image)")
    architecture = document["architecture"]?.text ?? ""
    system = document["os"]?.text ?? ""
    created = document["created"]?.text.flatMap { Timestamp(withFraction: $0) }
    archives = (document["rootfs"]?["diff_ids"]?.items ?? []).compactMap {
      $0.text.flatMap { Digest($0) }
    }
    let config = document["config"]
    func texts(_ key: String) -> [String] { config?[key]?.items.compactMap(\.text) ?? [] }
    var environment: [String: String] = [:]
    for pair in texts("Env") {
      guard let equals = pair.firstIndex(of: "=") else { continue }
      environment[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
    }
    var labels: [String: String] = [:]
    if case .object(let members)? = config?["Labels"]?.value {
      for member in members { labels[member.key] = member.value.text }
    }
    process = PackageLock.Process(
      entrypoint: texts("Entrypoint"), command: texts("Cmd"), environment: environment,
      labels: labels, user: config?["User"]?.text ?? "",
      workingDirectory: config?["WorkingDir"]?.text ?? "")
  }
}

extension Timestamp {
  /// A time of RFC 3339 whose seconds may have a fraction, which is left out.
  fileprivate init?(withFraction text: String) {
    guard let dot = text.firstIndex(of: ".") else {
      self.init(text)
      return
    }
    let rest = text[text.index(after: dot)...].drop { $0.isNumber }
    self.init(String(text[..<dot]) + rest)
  }
}

extension Node {
  fileprivate var text: String? {
    if case .string(let text) = value { return text }
    return nil
  }

  fileprivate var items: [Node] {
    if case .list(let items) = value { return items }
    return []
  }
}
