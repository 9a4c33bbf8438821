internal import Files
internal import Glibc
package import Model
package import Runner

/// What two stores have of the same actions: the same stage with the same inputs, whose result must be
/// the same.
///
/// An action's key has the results of all that came before it. So what differs here is where a
/// difference begins, and not what follows from it.
package struct StoreDifference: Sendable {
  /// An action whose results differ.
  package struct Finding: Sendable {
    package var key: Digest
    /// The stage's type; nil where neither store says.
    package var stage: String?
    package var files: [FileFinding]
  }

  package var findings: [Finding] = []
  /// How many actions both stores have, only the first, and only the second.
  package var shared = 0
  package var onlyOld = 0
  package var onlyNew = 0

  package var isEmpty: Bool { findings.isEmpty }

  /// - Throws: When a store cannot be read, or what it has of an action is damaged.
  package init(from old: Store, to new: Store) throws(Failure) {
    let (before, after) = (Set(try old.keys()), Set(try new.keys()))
    let both = before.intersection(after)
    shared = both.count
    onlyOld = before.count - shared
    onlyNew = after.count - shared
    let comparison = Comparison(of: old, and: new)
    for key in both.sorted(by: { $0.hex < $1.hex }) {
      // A store may come from a stranger: what cannot be read must not look like what is not there.
      for store in [old, new] {
        _ = try store.read("\(store.root)/actions/\(key.hex)", limit: Limits.document)
      }
      guard let one = old.result(of: key), let other = new.result(of: key),
        one.layer != other.layer
      else { continue }
      findings.append(
        Finding(
          key: key, stage: one.type ?? other.type,
          files: try comparison.differences(one.layer, other.layer)))
    }
  }

  /// What people read: never empty, as it says what was compared.
  package var text: String {
    var text = ""
    for finding in findings {
      text += "\(finding.stage ?? "stage") (action \(finding.key.hex.prefix(12)))\n"
      text += finding.files.text + "\n"
    }
    let counts = "of \(shared) actions in both stores, \(findings.count) gave different results"
    return text
      + "\(counts); \(onlyOld) are only in the first store, \(onlyNew) only in the second\n"
  }

  /// The same for programs: what docs/commands.md says.
  package var node: Node {
    .object([
      (
        "actions",
        .list(
          findings.map { finding in
            .object(
              [("action", Node.string(finding.key.hex)), ("files", finding.files.node)]
                + (finding.stage.map { [("stage", Node.string($0))] } ?? []))
          })
      ),
      ("different", .bool(!isEmpty)), ("only-new", .integer(onlyNew)),
      ("only-old", .integer(onlyOld)), ("shared", .integer(shared)),
    ])
  }
}
