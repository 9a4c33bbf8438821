import Files
import Model
import Processes
import TestSupport
import Testing

@Suite struct ShortStackTests {
  /// The listing of a tree that stages made.
  private func tree(of steps: [Draft.Step]) throws -> String {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline("os", steps)
      draft.export("tree", from: "os", "/")
      let outcome = try scene.run(draft)
      #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
      return try scene.text("tree.listing")
    }
  }

  @Test func `hundreds of stages give what one stage with all their steps gives`() throws {
    var chance = Chance()
    // What one stage does.
    var stages: [[String]] = [["folder /x"]]
    var folders: Set = ["/x"]
    var files: Set<String> = []
    for number in 0..<300 {
      let folder = folders.sorted().randomElement(using: &chance) ?? ""
      let path = folder + "/" + ["a", "b", "c"][Int.random(in: 0..<3, using: &chance)]
      let isFree = !files.contains(path) && !folders.contains(path)
      switch Int.random(in: 0..<6, using: &chance) {
      case 0...1 where isFree || files.contains(path) && !files.contains(path + "-too"):
        stages.append(["write \(path) \(number)"])
        files.insert(path)
      case 2 where isFree:
        stages.append(["folder \(path)"])
        folders.insert(path)
      case 3 where isFree && !files.contains(path + "-too"):
        // Overlays part the names of a file when it is changed, so this one never is.
        stages.append(["write \(path) \(number)", "name \(path)-too \(path)"])
        files.formUnion([path, path + "-too"])
      case 4 where !isFree:
        stages.append(["remove \(path)"])
        func stays(_ other: String) -> Bool { other != path && !other.hasPrefix(path + "/") }
        files = files.filter(stays)
        folders = folders.filter(stays)
      default:
        // More than a small layer holds, now and then.
        let size = number % 50 == 7 ? 3_000_000 : number
        stages.append(["fill /big/\(number % 9) \(size)"])
      }
    }
    let apart = try tree(of: stages.map(inTree))
    let together = try tree(of: [inTree(stages.flatMap(\.self))])
    #expect(apart == together, "PARTICLE_SEED=\(chance.seed)")
  }
}
