internal import Files
internal import Glibc
package import Model
package import Trees

/// Compares the layers that the same stages made in two stores.
package struct Comparison: Sendable {
  private let first: Store
  private let second: Store

  package init(of first: Store, and second: Store) {
    self.first = first
    self.second = second
  }

  /// One finding per stage, in order.
  ///
  /// Both lists are of the same plan, and of builds that are done.
  package func compare(_ lines: [Forecast.Line], _ others: [Forecast.Line]) throws(Failure)
    -> [Finding]
  {
    var findings: [Finding] = []
    // Why a stage's tree or another pipeline's is not the same: the first stage that differs.
    var causes: [String: String] = [:]
    var known: [Digest: String] = [:]
    for (line, other) in zip(lines, others) {
      let name = "\(line.pipeline)/\(line.index)"
      if line.index == 0, let base = line.base { causes[line.pipeline] = causes[base] }
      var finding = Finding(
        name: name, type: line.stage.type, origin: line.stage.origin, key: line.key, outcome: .same)
      guard let layer = line.layer, let again = other.layer else {
        throw Failure(
          "compare", name, cause: "one of the two builds has no result for it",
          remedy: "another program may have changed the store; try again")
      }
      if layer != again {
        if line.key != other.key {
          finding.outcome = .follows(from: causes[line.pipeline] ?? cause(of: line, causes))
        } else if let key = line.key, let twin = known[key] {
          finding.outcome = .follows(from: twin)
        } else {
          finding.outcome = .differs(try differences(layer, again))
          if let key = line.key { known[key] = name }
        }
      }
      if case .follows(let origin) = finding.outcome {
        causes[line.pipeline] = causes[line.pipeline] ?? origin
      } else if case .differs = finding.outcome {
        causes[line.pipeline] = causes[line.pipeline] ?? name
      }
      findings.append(finding)
    }
    return findings
  }

  /// The first stage that differs of those that this one gets its trees from.
  private func cause(of line: Forecast.Line, _ causes: [String: String]) -> String {
    line.needs.compactMap { causes[$0] }.first ?? "an earlier stage"
  }

  /// The files in which a layer of the first store differs from one of the second.
  package func differences(_ layer: Digest, _ again: Digest) throws(Failure) -> [FileFinding] {
    let (old, new) = (try listing(first, layer), try listing(second, again))
    return try FileDifference.between(old, and: new).enumerated().map {
      (index, difference) throws(Failure) in
      var finding = FileFinding(difference: difference)
      if index < FileFinding.limit, difference.kinds.contains(.content) {
        finding.excerpt = try Excerpt(
          of: tree(first, layer).place(difference.path).open(O_RDONLY | O_NONBLOCK),
          and: tree(second, again).place(difference.path).open(O_RDONLY | O_NONBLOCK))
      }
      return finding
    }
  }

  /// A store may be anybody's: nothing in it that is a link is followed.
  private func tree(_ store: Store, _ layer: Digest) throws(Failure) -> OpenTree {
    for folder in [store.root + "/layers", store.layerPath(layer), store.treePath(layer)] {
      try require(S_IFDIR, folder)
    }
    return try OpenTree(store.treePath(layer))
  }

  private func require(_ kind: mode_t, _ path: String) throws(Failure) {
    guard try Files.information(path).st_mode & S_IFMT == kind else {
      throw Failure(
        "compare", path, cause: "no store has such a thing there",
        remedy: "compare stores that particle-run made")
    }
  }

  private func listing(_ store: Store, _ layer: Digest) throws(Failure) -> Listing {
    let path = store.layerPath(layer) + "/listing"
    for folder in [store.root + "/layers", store.layerPath(layer)] { try require(S_IFDIR, folder) }
    try require(S_IFREG, path)
    guard let listing = Listing(text: try store.read(path, limit: Limits.listing)) else {
      throw Failure(
        "read", path, cause: "it is not a valid listing",
        remedy: "remove what is damaged with 'particle store verify'")
    }
    return listing
  }
}

/// What a check found of one stage.
package struct Finding: Sendable {
  package enum Outcome: Sendable {
    case same
    /// The same inputs gave another layer.
    case differs([FileFinding])
    /// Its inputs were not the same.
    case follows(from: String)
  }

  /// Its pipeline and index: `os/2`.
  package var name: String
  package var type: String
  /// Where in the recipe it comes from.
  package var origin: Origin?
  package var key: Digest?
  package var outcome: Outcome
}

/// A file that differs, and where.
package struct FileFinding: Sendable {
  /// So many of a stage are shown to people, and looked into.
  package static let limit = 20

  package var difference: FileDifference
  /// For files whose content differs.
  package var excerpt: Excerpt?

  package init(difference: FileDifference, excerpt: Excerpt? = nil) {
    self.difference = difference
    self.excerpt = excerpt
  }
}
