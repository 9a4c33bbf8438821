import Files
import Glibc
import JSON
import Model
import Processes
import StageContracts
import TestSupport
import Testing

/// Every stage, with each text in its options replaced by what means harm.
@Suite struct HostileOptionTests {
  private static let marker = "particle-hostile-\(getpid())"

  private static let texts = [
    "../../../../../../../../tmp/\(marker)", "/../../tmp/\(marker)", "/etc/\(marker)",
    "/etc/\(marker)\0/x", "/a\n\(marker)\n../../tmp", "", "/", "..", "-\(marker)",
    String(repeating: "x/", count: 3000),
  ]

  @Test(arguments: optionSamples.keys.sorted())
  func `nothing outside changes, and the end is clear`(type: String) throws {
    let sample = try JSON.parse(Array((optionSamples[type] ?? "").utf8), file: type)
    var reached = 0
    var last = ""
    // One store for all: what comes before the stage is the same each time.
    try Scene.with { scene in
      let victim = scene.folder + "/victim"
      try Files.makeDirectories(victim)
      try Files.write(Array("mine".utf8), to: victim + "/passwd")
      for (path, options) in Self.hostile(sample) {
        var draft = Draft()
        draft.pipeline("other", [inTree("write /a x", "link /etc \(victim)", "folder /dev")])
        let inputs = ["packages", "files", "tree", "root", "disk", "source", "system"]
        let step = Draft.Step(
          type: type, options: options,
          inputs: Dictionary(uniqueKeysWithValues: inputs.map { ($0, .pipeline("other")) }),
          version: catalog.first { $0.name == type }?.version ?? 1)
        draft.pipeline("os", [inTree("link /etc \(victim)", "link /var ../../.."), step])
        draft.export("end", from: "os", "/end")
        let stages = "\(scene.folder)/stages:\(Scene.programs)"
        let outcome = try scene.run(draft, environment: ["PARTICLE_STAGES": stages])
        let comment = "\(type)\(path): \(outcome.errorText)"
        last = comment
        let isRefused =
          outcome.errorText.contains("stage 1 of pipeline 'os', \(type)")
          || outcome.errorText.contains("pipelines[1].stages[1].options")
        // Most stages do not write what is exported: it is missing once they are done.
        let isDone =
          outcome.ending == .exit(0) || outcome.errorText.contains("cannot export end")
        if isRefused || isDone { reached += 1 }
        #expect([.exit(0), .exit(1), .exit(2)].contains(outcome.ending), "\(comment)")
        #expect(outcome.ending == .exit(0) || outcome.errorText.contains("error: "), "\(comment)")
        // A stage that a text can crash has not looked at it.
        #expect(!outcome.errorText.contains("killed by signal"), "\(comment)")
        #expect(try Files.names(in: victim) == ["passwd"], "\(comment)")
        #expect(try Files.readText(victim + "/passwd") == "mine", "\(comment)")
        for folder in ["", "/tmp", "/etc", "/dev"] {
          #expect(!Files.exists("\(folder)/\(Self.marker)"), "\(comment)")
        }
      }
    }
    // Some have no text in their options.
    #expect(reached > 0 || Self.hostile(sample).isEmpty, "\(last)")
  }

  /// The value with one text in it replaced, each by each.
  private static func hostile(_ node: Node) -> [(path: String, options: Node)] {
    var place = 0
    return hostile(node, &place)
  }

  /// - Parameters:
  ///   - node: A value, or a part of one.
  ///   - place: How many texts came before.
  /// - Returns: Where the text is that was replaced, and what the value is then.
  private static func hostile(_ node: Node, _ place: inout Int) -> [(path: String, options: Node)] {
    switch node.value {
    case .string:
      // Only some of them at each place in `make test`, and together all.
      let third = place % 3
      place += 1
      return texts.enumerated().filter { FullTest.isOn || $0.offset % 3 == third }
        .map { ("=\($0)", .string($1)) }
    case .list(let items):
      return items.indices.flatMap { index in
        hostile(items[index], &place).map { path, item in
          var copy = items
          copy[index] = item
          return ("[\(index)]\(path)", .list(copy))
        }
      }
    case .object(let members):
      return members.indices.flatMap { index in
        hostile(members[index].value, &place).map { path, value in
          var copy = members
          copy[index].value = value
          return (".\(members[index].key)\(path)", Node(.object(copy)))
        }
      }
    default: return []
    }
  }
}
