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
        cause: "its manifest is neither an OCI manifest nor a Docker manifest of version 2",
        remedy: "convert it with: skopeo copy --format oci \(image) oci:DIR")
    }
    digest = SHA256.digest(bytes)
    self.config = config
    layers = []
    for entry in entries {
      let type = entry["mediaType"]?.text ?? ""
      guard type.contains("tar"), !type.contains("encrypted"), entry["urls"] == nil else {
        throw Failure(
          "use", "the container image \(image)",
          cause: entry["urls"] == nil
            ? "it has a layer of the type '\(shown(type))', which is not a plain tar archive"
            : "it has a layer that must come from another server",
          remedy: "use an image for Linux whose layers are in its own registry and not encrypted")
      }
      guard let digest = entry["digest"]?.text.flatMap({ Digest($0) }),
        case .integer(let size)? = entry["size"]?.value, size >= 0
      else {
        throw Failure(
          "use", "the container image \(image)",
          cause: "its manifest has a layer without a valid digest and size",
          remedy: "use another image: the manifest of this one is invalid")
      }
      layers.append(Descriptor(digest: digest, size: size))
    }
    var rest = Source.mostBytes
    for layer in layers {
      guard layer.size <= rest else {
        throw Failure(
          "use", "the container image \(image)", cause: "its layers exceed 1 PiB in total",
          remedy: "use another image: the manifest of this one is invalid")
      }
      rest -= layer.size
    }
  }

  static func parse(_ bytes: [UInt8], _ what: String) throws(Failure) -> Node {
    do { return try JSON.parse(bytes, file: what, allowsDecimals: true) } catch {
      throw Failure(
        "read", what, cause: error.problem,
        remedy:
          "check what answers there: it may be a proxy or a login page; if the image is yours, build it again"
      )
    }
  }
}

/// What a name of an image stands for: one image, or an index of several (OCI image specification,
/// "Image Index"; distribution's "Manifest List").
struct ImageOffer: Sendable, Equatable {
  /// Of the document itself.
  var digest: Digest
  /// The images of an index; nil for what is none.
  var choices: [Choice]?

  /// One image of several: an entry of an index.
  struct Choice: Sendable, Equatable {
    var digest: Digest
    var system: String
    var architecture: String
    var variant: String?

    var platform: String { ImageOffer.platform(system, architecture, variant) }
  }

  /// What an image is for, in one word, as people write it.
  static func platform(_ system: String, _ architecture: String, _ variant: String?) -> String {
    "\(system)/\(architecture)\(variant.map { "/\($0)" } ?? "")"
  }

  /// What an index has images for, sorted; without what only goes with an image, such as a signature.
  var platforms: [String] {
    Set((choices ?? []).map(\.platform)).subtracting(["unknown/unknown", "/"]).sorted()
  }

  /// One image alone.
  init(digest: Digest) { self.digest = digest }

  /// - Parameters:
  ///   - bytes: The document, of which the digest is taken.
  ///   - image: What it is called in a failure.
  /// - Throws: When it is no JSON.
  init(_ bytes: [UInt8], of image: String) throws(Failure) {
    digest = SHA256.digest(bytes)
    let document = try ImageManifest.parse(bytes, "the manifest of \(image)")
    choices = document["manifests"]?.items?.compactMap { entry in
      guard let digest = entry["digest"]?.text.flatMap({ Digest($0) }) else { return nil }
      let platform = entry["platform"]
      return Choice(
        digest: digest, system: platform?["os"]?.text ?? "",
        architecture: platform?["architecture"]?.text ?? "", variant: platform?["variant"]?.text)
    }
  }
}

/// What an image says of itself (OCI image specification, "Image Configuration").
struct ImageConfiguration: Sendable, Equatable {
  var architecture: String
  var variant: String?
  var system: String
  var created: Timestamp?
  var process: PackageLock.Process
  /// The digests of the layers' archives, not compressed, the lowest one first.
  var archives: [Digest]

  var platform: String { ImageOffer.platform(system, architecture, variant) }

  /// When the image was made; 1980 for one that does not say so, the first year that every file
  /// system can write.
  var time: Timestamp {
    let first = Timestamp(seconds: 315_532_800)
    return max(created ?? first, first)
  }

  /// - Parameters:
  ///   - bytes: The document.
  ///   - manifest: That of the image.
  ///   - image: What it is called in a failure.
  /// - Throws: When it is not what the specification says.
  init(_ bytes: [UInt8], with manifest: ImageManifest, of image: String) throws(Failure) {
    func invalid(_ cause: String) -> Failure {
      Failure(
        "use", "the container image \(image)", cause: cause,
        remedy: "use another image: the configuration of this one is invalid")
    }
    let document = try ImageManifest.parse(bytes, "the configuration of \(image)")
    architecture = document["architecture"]?.text ?? ""
    variant = document["variant"]?.text
    system = document["os"]?.text ?? ""
    created = document["created"]?.text.flatMap { Timestamp(withFraction: $0) }
    if let created, created.seconds > UInt32.max {
      throw invalid("it was made on \(created), which is later than file systems can hold")
    }
    archives = (document["rootfs"]?["diff_ids"]?.items ?? []).compactMap {
      $0.text.flatMap { Digest($0) }
    }
    guard archives.count == manifest.layers.count else {
      throw invalid(
        "it has \(counted(manifest.layers.count, "layer")), but digests of \(archives.count)")
    }
    let config = document["config"]
    func members(_ key: String) throws(Failure) -> [(key: String, value: Node)] {
      switch config?[key]?.value {
      case nil, .null: return []
      case .object(let members)?: return members.map { ($0.key, $0.value) }
      default: throw invalid("its '\(key)' is not an object")
      }
    }
    func texts(_ key: String) throws(Failure) -> [String] {
      switch config?[key]?.value {
      case nil, .null: return []
      case .list(let items)? where items.allSatisfy { $0.text != nil }:
        return items.compactMap(\.text)
      default: throw invalid("its '\(key)' is not a list of strings")
      }
    }
    func text(_ key: String) throws(Failure) -> String {
      switch config?[key]?.value {
      case nil, .null: return ""
      case .string(let text)?: return text
      default: throw invalid("its '\(key)' is not a string")
      }
    }
    func keys(_ key: String) throws(Failure) -> [String] {
      try members(key).map(\.key).sorted { $0.precedes($1) }
    }
    var environment: [String: String] = [:]
    for pair in try texts("Env") {
      guard let equals = pair.firstIndex(of: "=") else { continue }
      environment[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
    }
    var labels: [String: String] = [:]
    for member in try members("Labels") {
      guard let value = member.value.text else { throw invalid("its 'Labels' are not strings") }
      labels[member.key] = value
    }
    process = PackageLock.Process(
      entrypoint: try texts("Entrypoint"), command: try texts("Cmd"), environment: environment,
      labels: labels, user: try text("User"), workingDirectory: try text("WorkingDir"),
      ports: try keys("ExposedPorts"), volumes: try keys("Volumes"),
      stopSignal: try text("StopSignal"))
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
