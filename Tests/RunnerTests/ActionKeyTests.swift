import Model
import Runner
import Testing

@Suite struct ActionKeyTests {
  private func digest(_ byte: UInt8) -> Digest {
    Digest(bytes: [UInt8](repeating: byte, count: 32))
  }

  private var action: Action {
    Action(
      stage: Stage(
        id: digest(9), type: "t", version: 2, options: .object([("a", .integer(1))]),
        inputs: ["files": .sources([digest(4)]), "tree": .pipeline("os")]),
      epoch: Timestamp(seconds: 7), architecture: .amd64, program: digest(1), tree: [digest(2)],
      build: [digest(3)], inputTrees: ["tree": [digest(5)]], sourceNames: [digest(4): "f"])
  }

  @Test func `the key is the hash of what decides the result`() {
    #expect(action.key.hex == "d44a7935f4ab44c17271b11c86e307eb22d32947c80b7416ea1df5a77856d666")
  }

  @Test func `everything but the stage's id changes the key`() {
    let changes: [(inout Action) -> Void] = [
      { $0.stage.type = "u" }, { $0.stage.version = 3 }, { $0.stage.options = .object([]) },
      { $0.stage.inputs["tree"] = nil }, { $0.stage.inputs["files"] = .sources([]) },
      { $0.epoch.seconds = 8 }, { $0.architecture = .arm64 }, { $0.program = digest(8) },
      { $0.seen = [] }, { $0.build = nil }, { $0.build = [] },
      { $0.inputTrees["tree"] = [digest(8)] }, { $0.sourceNames = [digest(4): "g"] },
    ]
    for change in changes {
      var other = action
      change(&other)
      #expect(other.key != action.key)
    }
    var same = action
    same.stage.id = digest(8)
    #expect(same.key == action.key)
  }
}
