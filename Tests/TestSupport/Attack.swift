internal import Files
internal import Glibc
internal import JSON
package import Model
package import Processes

/// A manifest that means harm, and what is to come of it; Tests/Attacks makes them.
package struct Attack: Sendable {
  package var name: String
  /// What it tries, as people say it.
  package var tries: String
  /// The runner's exit status; nil where it is enough that the runner ends well or says why it does not.
  package var status: Int?
  /// What the output `out` must be; nil where that does not count.
  package var output: String?
  /// The manifest's path.
  package var manifest: String

  /// Makes manifests in a folder.
  ///
  /// - Parameters:
  ///   - folder: An empty folder.
  ///   - words: What `Tests/Attacks/generate` takes beside it.
  /// - Returns: All of them, in their order.
  /// - Throws: When they cannot be made.
  package static func make(in folder: String, _ words: [String] = []) throws(Failure) -> [Attack] {
    let generate = Places.repository + "/Tests/Attacks/generate"
    _ = try Command(["python3", "-B", generate, folder] + words).runChecked()
    let index = folder + "/index.json"
    do {
      return try JSON.decode(.list(of: schema), from: try Files.read(index), file: index).get().map
      {
        var attack = $0
        attack.manifest = "\(folder)/\(attack.name).json"
        return attack
      }
    } catch let failure as Failure {
      throw failure
    } catch { throw Failure("read", index, cause: "\(error)") }
  }

  private static let schema = Schema<Attack>.object(
    Field("name", { $0.name }, .string, "Its name."),
    Field("tries", { $0.tries }, .string, "What it tries."),
    Field(optional: "status", { $0.status }, .integer(0...255), "The exit status."),
    Field(optional: "output", { $0.output }, .string, "What comes out."),
    make: { Attack(name: $0, tries: $1, status: $2, output: $3, manifest: "") })

  /// What is wrong with how it ended; empty where all is as it must be.
  ///
  /// - Parameters:
  ///   - outcome: How the runner ended.
  ///   - folder: Where its outputs are.
  ///   - canary: What nothing may change.
  /// - Returns: A line for each fault.
  package func faults(_ outcome: Command.Outcome, in folder: String, _ canary: Canary) -> [String] {
    var faults = canary.changes()
    let said = outcome.errors + outcome.output
    switch outcome.ending {
    case .signal: faults.append("the runner crashed: \(outcome.ending)")
    case .exit(let status):
      if let expected = self.status, Int(status) != expected {
        faults.append("exit status \(status) in place of \(expected)")
      }
      if ![0, 1, 2].contains(status) { faults.append("exit status \(status)") }
      if status != 0, !outcome.errorText.contains("error: ") { faults.append("no error is told") }
    }
    if outcome.errorText.contains("killed by signal") { faults.append("a stage crashed") }
    let obeyed = said.filter { $0 < 0x20 && $0 != 0x0a || $0 == 0x7f }
    if !obeyed.isEmpty { faults.append("control characters \(obeyed) reach the terminal") }
    if let output, outcome.ending == .exit(0) {
      let found = try? Files.read(folder + "/out")
      if found != Array(output.utf8) {
        faults.append("the output is '\(shown(found ?? []).prefix(200))', not '\(shown(output))'")
      }
    }
    if !faults.isEmpty { faults.append(String(outcome.errorText.prefix(2000))) }
    return faults
  }

  /// What must come of it, for a table.
  private var expected: String {
    switch status {
    case 0: "builds, and reaches nothing else"
    case 1: "the build is refused"
    case 2: "the manifest is refused"
    default: "builds or is refused, and reaches nothing else"
    }
  }

  /// Keeps a row of docs/security.md; see `FullTest.prove`.
  ///
  /// - Parameters:
  ///   - outcome: How the runner ended, in which there are no faults.
  ///   - who: `root` or `user`.
  /// - Throws: When it can't be written.
  package func record(_ outcome: Command.Outcome, as who: String) throws(Failure) {
    try Self.record(name, tries: tries, expected: expected, seen: seen(outcome), as: who)
  }

  /// Keeps a row of docs/security.md of an attack that a test has made itself, and that has failed.
  ///
  /// - Parameters:
  ///   - name: Its name, which no other has.
  ///   - tries: What it tries, as people say it.
  ///   - expected: What was to come of it.
  ///   - seen: What came of it.
  ///   - who: `root` or `user`.
  /// - Throws: When it can't be written.
  package static func record(
    _ name: String, tries: String, expected: String, seen: String, as who: String = "root"
  ) throws(Failure) {
    let words = shown(Array(seen.split(whereSeparator: \.isWhitespace).joined(separator: " ").utf8))
    try FullTest.prove(
      "attacks",
      [
        name, who, try FullTest.host.get(), tries, expected,
        words.count > 180 ? words.prefix(180) + "…" : words,
      ], key: 3)
  }

  /// What was seen, for a table: "refused: …", with the line that says why, or "contained".
  private func seen(_ outcome: Command.Outcome) -> String {
    guard outcome.ending != .exit(0) else { return "builds; nothing else is reached" }
    let lines = outcome.errorText.split(separator: "\n").map(String.init)
    let line =
      lines.first { $0.hasPrefix("  | ") }.map { String($0.dropFirst(4)) }
      ?? lines.first { $0.hasPrefix("error: ") }.map { String($0.dropFirst(7)) } ?? ""
    let words = line.replacing(manifest, with: "the manifest")
    return "refused: " + (words.count > 160 ? words.prefix(160) + "…" : words)
  }
}

/// Files of the machine that an attack may find, and must leave as they are: among them the copy of bubblewrap that
/// the runner uses.
package struct Canary: Sendable {
  private let folder: String
  private let before: [String: String]

  /// A directory with a file `file` in it.
  package var victim: String { folder + "/victim" }
  /// Where programs are looked for.
  package var path: String { folder + "/bin:/usr/sbin:/usr/bin:/sbin:/bin" }
  /// What stands in the runner's environment and must be seen by nobody.
  package static let secret = "canary-variable"

  /// - Parameter folder: Where they are made.
  /// - Throws: When they cannot be.
  package init(in folder: String) throws(Failure) {
    self.folder = folder
    try Files.makeDirectories(folder + "/victim")
    try Files.makeDirectories(folder + "/bin")
    try Files.write(Array("of the host\n".utf8), to: folder + "/victim/file", mode: 0o640)
    try Files.write(try Files.read("/usr/bin/bwrap"), to: folder + "/bin/bwrap", mode: 0o755)
    before = try Self.state(folder)
  }

  /// What is not as it was.
  package func changes() -> [String] {
    guard let now = try? Self.state(folder) else { return ["\(folder) cannot be read"] }
    let paths = Set(now.keys).union(before.keys).sorted()
    return paths.filter { now[$0] != before[$0] }.map { "\($0) of the host was changed" }
  }

  private static func state(_ folder: String) throws(Failure) -> [String: String] {
    var state: [String: String] = [:]
    for name in ["victim", "bin"] {
      for file in [""] + (try Files.names(in: "\(folder)/\(name)")).map({ "/" + $0 }) {
        let path = "\(folder)/\(name)\(file)"
        let info = try Files.information(path)
        let content = info.st_mode & S_IFMT == S_IFREG ? "\(try Files.read(path).hashValue)" : ""
        let attributes = try Files.attributes(of: path)
        state[path] = """
          \(info.st_mode) \(info.st_uid) \(info.st_gid) \(info.st_size) \(info.st_mtim.tv_sec) \
          \(info.st_mtim.tv_nsec) \(info.st_ctim.tv_sec) \(info.st_ctim.tv_nsec) \
          \(attributes) \(content)
          """
      }
    }
    return state
  }
}
