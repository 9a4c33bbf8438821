/// One alternative of a dependency as deb-control(5) writes it: `name:any (>= 1.0)`.
package struct Dependency: Equatable {
  package var name: String
  /// What follows the colon: an architecture, or `any`.
  package var architecture: String?
  /// `<<`, `<=`, `=`, `>=` or `>>`, and the version it compares with.
  package var bound: Bound?

  package struct Bound: Equatable {
    package var relation: String
    package var version: String
  }

  /// The dependencies of a field, each with its alternatives in order.
  package static func groups(_ field: String?) -> [[Dependency]] {
    (field ?? "").split(separator: ",").map { group in
      group.split(separator: "|").compactMap(Dependency.init)
    }.filter { !$0.isEmpty }
  }

  private init?(_ text: Substring) {
    let words = text.split { " ()\t".contains($0) }
    guard let first = words.first else { return nil }
    let parts = first.split(separator: ":", maxSplits: 1)
    name = String(parts[0])
    architecture = parts.count > 1 ? String(parts[1]) : nil
    guard let second = words.dropFirst().first else { return }
    let relation = second.prefix { "<=>".contains($0) }
    // The version may follow without a space.
    let version = relation.count < second.count ? second.dropFirst(relation.count) : words.last
    bound = Bound(relation: String(relation), version: String(version ?? ""))
  }

  /// Whether a package of the name and this version satisfies it.
  package func accepts(_ version: String) -> Bool {
    guard let bound else { return true }
    let (have, want) = (DebianVersion(version), DebianVersion(bound.version))
    return switch bound.relation {
    case "<<": have < want
    case "<=", "<": !(want < have)
    case ">=", ">": !(have < want)
    case ">>": want < have
    default: !(have < want) && !(want < have)
    }
  }
}
