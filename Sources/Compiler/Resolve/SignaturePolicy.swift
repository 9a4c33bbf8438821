internal import Files
internal import Glibc
internal import JSON
internal import Model

/// What this machine demands of container images in registries (containers-policy.json(5)).
struct SignaturePolicy {
  /// What is demanded of one image.
  enum Demand: Equatable {
    case nothing
    /// A signature, which skopeo checks.
    case signature
    /// It must not be used at all.
    case rejected
  }

  private let path: String
  private let document: Node

  /// The policy of this user, else of this machine; nil where there is none.
  ///
  /// - Throws: When it cannot be read.
  static func own() throws(Failure) -> SignaturePolicy? {
    let home = getenv("HOME").map { String(cString: $0) } ?? ""
    let paths = ["\(home)/.config", "/etc"].map { "\($0)/containers/policy.json" }
    guard let path = paths.first(where: { Files.exists($0) }) else { return nil }
    return try SignaturePolicy(try Files.read(path), path)
  }

  init(_ bytes: [UInt8], _ path: String) throws(Failure) {
    self.path = path
    do { document = try JSON.parse(bytes, file: path) } catch {
      throw Failure(
        "read", path, cause: error.problem, remedy: "correct it: see containers-policy.json(5)")
    }
  }

  /// What is demanded of an image.
  ///
  /// - Throws: When that is not to be understood.
  func demand(of image: RegistryImage) throws(Failure) -> Demand {
    let docker = document["transports"]?["docker"]
    let found =
      Self.scopes(of: image).lazy.compactMap { docker?[$0] }.first ?? document["default"]
    guard case .list(let requirements)? = found?.value, !requirements.isEmpty else {
      throw Failure(
        "use", path, cause: "it does not say what is required of \(image.name)",
        remedy: "correct it: see containers-policy.json(5)")
    }
    let kinds = requirements.map { requirement -> String in
      guard case .string(let kind)? = requirement["type"]?.value else { return "" }
      return kind
    }
    if kinds.contains("reject") { return .rejected }
    return kinds.allSatisfy { $0 == "insecureAcceptAnything" } ? .nothing : .signature
  }

  /// What an image may be named by, the closest first.
  private static func scopes(of image: RegistryImage) -> [String] {
    var scopes: [String] = []
    if let digest = image.digest { scopes.append("\(image.name)@\(digest)") }
    if let tag = image.tag { scopes.append("\(image.name):\(tag)") }
    var parts = image.name.split(separator: "/")[...]
    while !parts.isEmpty {
      scopes.append(parts.joined(separator: "/"))
      parts = parts.dropLast()
    }
    var domain = image.host[...]
    while let dot = domain.firstIndex(of: ".") {
      domain = domain[dot...].dropFirst()
      scopes.append("*.\(domain)")
    }
    return scopes + [""]
  }
}
