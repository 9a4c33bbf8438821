internal import Files
internal import Glibc
internal import JSON
internal import Model

/// What this machine demands of container images in registries (containers-policy.json(5)).
///
/// Only skopeo judges by a policy. Here it is found out which images a policy says nothing about: any doubt is left to
/// skopeo.
struct SignaturePolicy {
  private let document: Node

  /// The policy of this user, else of this machine; nil where there is none.
  ///
  /// - Throws: When it cannot be read.
  static func own() throws(Failure) -> SignaturePolicy? {
    guard let path else { return nil }
    let bytes = try Files.read(path)
    do { return SignaturePolicy(try JSON.parse(bytes, file: path, allowsDecimals: true)) } catch {
      throw Failure(
        "read", path, cause: error.problem, remedy: "correct it: see containers-policy.json(5)")
    }
  }

  /// Where skopeo finds its policy; nil where there is none.
  static var path: String? {
    var home = getenv("HOME").map { String(cString: $0) } ?? ""
    if home.isEmpty, let entry = getpwuid(getuid()) { home = String(cString: entry.pointee.pw_dir) }
    return ["\(home)/.config", "/etc"].map { "\($0)/containers/policy.json" }
      .first { Files.exists($0) }
  }

  init(_ document: Node) { self.document = document }

  /// Whether the policy takes an image as it is.
  func accepts(_ image: RegistryImage) -> Bool {
    guard isPlain else { return false }
    let hosts = Self.domains(image.host)
    let others = scopes.filter { !$0.key.isEmpty }
    for scope in others where !Self.acceptsAll(scope.value) {
      for domain in Self.domains(scope.key) {
        let isWide = domain.hasPrefix("*.")
        if hosts.contains(where: { $0 == domain || isWide && $0.hasSuffix(domain.dropFirst()) }) {
          return false
        }
      }
    }
    let names = Self.names(of: image)
    if others.contains(where: { names.contains($0.key) }) { return true }
    return Self.acceptsAll(scopes.first { $0.key.isEmpty }?.value ?? document["default"])
  }

  /// What it says of registries, by what it names of them; one that is empty is for all others.
  private var scopes: [Node.Member] {
    guard case .object(let scopes)? = document["transports"]?["docker"]?.value else { return [] }
    return scopes
  }

  /// Whether it does no more than to accept or to reject; of anything else skopeo has to say whether it is valid.
  private var isPlain: Bool {
    guard case .object(let members) = document.value, Self.isPlain(document["default"]),
      members.allSatisfy({ ["default", "transports"].contains($0.key) })
    else { return false }
    switch document["transports"]?.value {
    case nil: return true
    case .object(let transports)?:
      return transports.allSatisfy { transport in
        guard case .object(let scopes) = transport.value.value else { return false }
        return scopes.allSatisfy {
          Self.isPlain($0.value) && (transport.key == "docker" || $0.key.isEmpty)
        }
      }
    default: return false
    }
  }

  private static func isPlain(_ requirements: Node?) -> Bool {
    guard let items = requirements?.items, !items.isEmpty else { return false }
    return items.allSatisfy { item in
      guard case .object(let members) = item.value, let type = item["type"]?.text else {
        return false
      }
      return ["insecureAcceptAnything", "reject"].contains(type) && members.count == 1
    }
  }

  private static func acceptsAll(_ node: Node?) -> Bool {
    node?.items?.allSatisfy { $0["type"]?.text == "insecureAcceptAnything" } ?? false
  }

  /// A registry's host without its port, of the name of an image or of several; Docker's by its other name, too.
  private static func domains(_ name: String) -> [String] {
    let host = name.prefix { $0 != "/" && $0 != "@" }.lowercased()
    let end = host.hasPrefix("[") ? host.firstIndex(of: "]") : nil
    let port = host[(end ?? host.startIndex)...].firstIndex(of: ":")
    let domain = String(host[..<(port ?? host.endIndex)])
    return ["index.docker.io", "registry-1.docker.io"].contains(domain)
      ? [domain, "docker.io"] : [domain]
  }

  /// What an image may be named by.
  private static func names(of image: RegistryImage) -> Set<String> {
    // Where a digest is asked for, the tag beside it says nothing.
    var names: Set<String> = [image.digest.map { "\(image.name)@\($0)" } ?? image.localName]
    var parts = image.name.split(separator: "/")[...]
    while !parts.isEmpty {
      names.insert(parts.joined(separator: "/"))
      parts = parts.dropLast()
    }
    return names
  }
}
