import Files
import Model
import Processes
import TestSupport
import Testing

extension EndToEnd.Modules {
  /// Keys whose texts end up in another language: that of passwd(5), sudoers(5) and so on.
  private struct Target: Sendable {
    /// The lines above its entries.
    var head: String
    /// The line of an entry.
    var line: @Sendable (Int, String) -> String
    /// Who reads the entries back, in the tree, and writes `NUMBER TEXT` for each.
    var reader: String
    var count = 60
    /// Whether several spaces mean what one does.
    var joinsSpaces = false
  }

  private static let release = ["name", "pretty-name", "version", "variant"]

  private static let targets = [
    Target(
      head: "  - type: users\n    users:",
      line: { "      - {name: u\($0), comment: \(quoted($1))}" },
      reader: #"getent passwd | sed -nE 's/^u([0-9]+):[^:]*:[^:]*:[^:]*:([^:]*):.*/\1 \2/p'"#),
    Target(
      head: "  - type: kernel\n    options:", line: { "      o\($0): \(quoted($1))" },
      reader: #"modprobe --showconfig | sed -nE 's/^options o([0-9]+) (.*)/\1 \2/p'"#),
    Target(
      head: "  - type: sudo\n    rules:",
      line: { "      - {users: [root], commands: [\(quoted("/usr/bin/x\($0) \($1)"))]}" },
      reader: #"""
        cvtsudoers -f json /etc/sudoers.d/10-particle | perl -MJSON::PP -0777 -ne '
          for (map { @{$_->{Commands}} } map { @{$_->{Cmnd_Specs}} } @{decode_json($_)->{User_Specs}}) {
            print "$1 $2\n" if $_->{command} =~ m{^/usr/bin/x(\d+) ?(.*)}
          }'
        """#, joinsSpaces: true),
    Target(
      head: "  - type: os-release", line: { "    \(release[$0]): \(quoted($1))" },
      reader: #"""
        . /etc/os-release
        printf '0 %s\n1 %s\n2 %s\n3 %s\n' "$NAME" "$PRETTY_NAME" "$VERSION" "${VARIANT-}"
        """#, count: 4),
  ]

  /// As JSON has it, which is YAML too.
  private static func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  private static func text(_ chance: inout Chance) -> String {
    // Each is refused somewhere; a text with all of them would be refused everywhere.
    let rare = "\\\"':;,=#%$`*?!{}[]<>|&~^()@".utf8.shuffled(using: &chance).prefix(3)
    let usual = Array("abcXYZ 0189+-_./".utf8)
    return String(
      decoding: (0..<Int.random(in: 1...20, using: &chance)).map { _ in
        Int.random(in: 0..<4, using: &chance) == 0
          ? rare.randomElement(using: &chance) ?? 0x20
          : usual.randomElement(using: &chance) ?? 0x20
      }, as: UTF8.self)
  }

  @Test func `Texts arrive in the system as they were written, or are refused`() throws {
    // Each full test tries others.
    var chance = FullTest.isOn ? Chance() : Chance(seed: 1)
    let texts = Self.targets.map { target in (0..<target.count).map { _ in Self.text(&chance) } }
    var entries = texts.map { Set($0.indices) }
    let place = try EndToEnd.Modules.place.get()
    let folder = place.out + "/texts"
    try Files.makeDirectories(folder, mode: 0o700)
    func recipe() -> (text: String, entries: [Int: (target: Int, index: Int)]) {
      var lines = [
        "version: 1", "name: texts", "base: {debian: trixie}",
        "images: [{name: texts, formats: [directory]}]", "modules:",
        "  - {type: packages, install: [kmod, sudo, perl]}",
      ]
      var places: [Int: (target: Int, index: Int)] = [:]
      for (number, target) in Self.targets.enumerated() where !entries[number].isEmpty {
        lines += target.head.parts(at: "\n", keepingEmpty: true)
        for index in entries[number].sorted() {
          lines.append(target.line(index, texts[number][index]))
          places[lines.count] = (number, index)
        }
      }
      lines += ["  - type: script", "    run: |"]
      for (number, target) in Self.targets.enumerated() {
        lines.append("      (")
        lines += target.reader.parts(at: "\n", keepingEmpty: true).map { "      " + $0 }
        lines.append("      ) >/srv/\(number)")
      }
      return (lines.map { $0 + "\n" }.joined(), places)
    }

    var (written, places) = recipe()
    let path = folder + "/texts.yml"
    try Files.write(Array(written.utf8), to: path)
    let refused = try particle(["particle-compile", path, "-o", folder + "/texts.json"])
    for line in refused.errors.parts(at: "\n") {
      guard let mark = line.firstRange(of: "texts.yml:"),
        let number = Int(line[mark.upperBound...].prefix { $0.isNumber }),
        let entry = places[number]
      else { continue }
      entries[entry.target].remove(entry.index)
    }
    (written, places) = recipe()
    try Files.write(Array(written.utf8), to: path)
    _ = try succeeding([
      "particle", "build", path, "-o", folder, "--store", place.store, "--quiet",
    ])
    for (number, indices) in entries.enumerated() {
      let said = Set(
        try Files.readText("\(folder)/texts.directory/srv/\(number)").parts(at: "\n"))
      // What is not in the recipe's file has Debian's text.
      let read = said.filter { line in indices.contains { line.hasPrefix("\($0) ") } }
      let wanted = Set(
        indices.map { index in
          let text = texts[number][index]
          guard Self.targets[number].joinsSpaces else { return "\(index) \(text)" }
          return "\(index) " + text.parts(at: " ").joined(separator: " ")
        })
      #expect(read == wanted, "target \(number), seed \(chance.seed)")
    }
    #expect(entries.joined().count > texts.joined().count / 3, "seed \(chance.seed)")
  }
}
