package import Model
internal import Trees

/// What a check found, for people and for scripts.
package struct Verdict: Sendable {
  package var findings: [Finding]
  /// How long the second build took.
  package var milliseconds: Int

  package init(_ findings: [Finding], milliseconds: Int) {
    self.findings = findings
    self.milliseconds = milliseconds
  }

  private var distinct: Int { Set(findings.map(\.key)).count }

  package var isSame: Bool {
    findings.allSatisfy { if case .same = $0.outcome { true } else { false } }
  }

  /// What ends a check: one line without its end, or lines.
  package var text: String {
    guard !isSame else {
      return "check: \(counted(distinct, "stage")) ran again in \(seconds(milliseconds))"
        + " under other conditions, and every layer is identical"
    }
    var text = ""
    var origins = 0
    var followers = 0
    for finding in findings {
      switch finding.outcome {
      case .same: break
      case .follows(let origin):
        followers += 1
        text += "check: \(finding.label) is affected by \(origin)\n"
      case .differs(let files):
        origins += 1
        text += "check: \(finding.label) differs in \(counted(files.count, "file"))\n"
        for file in files.prefix(FileFinding.limit) { text += file.text }
        if files.count > FileFinding.limit {
          text += "  and in \(files.count - FileFinding.limit) more files\n"
        }
      }
    }
    return text + "check: \(counted(distinct, "stage")) ran again in \(seconds(milliseconds)); "
      + "not reproducible: \(origins); affected by those: \(followers)\n"
  }

  /// The member `check` of the object that `--json` prints.
  package var json: Node {
    let stages = findings.compactMap { finding -> Node? in
      var members: [(String, Node)] = [
        ("stage", .string(finding.name)), ("type", .string(finding.type)),
      ]
      if let origin = finding.origin { members.append(("origin", Origin.schema.encode(origin))) }
      switch finding.outcome {
      case .same: return nil
      case .follows(let origin): members.append(("follows", .string(origin)))
      case .differs(let files): members.append(("files", .list(files.map(\.json))))
      }
      return .object(members)
    }
    return .object([
      ("differences", .list(stages)), ("seconds", .decimal(thousandths: milliseconds)),
      ("stages", .integer(distinct)),
    ])
  }
}

extension Finding {
  /// What people know it by.
  fileprivate var label: String { "\(name) \(type)" + (origin.map { " (\($0))" } ?? "") }
}

extension FileFinding {
  fileprivate var kinds: String { difference.kinds.map(\.rawValue).joined(separator: ", ") }

  fileprivate var text: String {
    let lines = excerpt?.lines.map { "    \($0)\n" } ?? []
    return "  /\(difference.path.shown): \(kinds)\n" + lines.joined()
  }

  fileprivate var json: Node {
    .object([
      ("kinds", .list(difference.kinds.map { .string($0.rawValue) })),
      ("path", .string("/" + (difference.path.text ?? difference.path.shown))),
    ])
  }
}
