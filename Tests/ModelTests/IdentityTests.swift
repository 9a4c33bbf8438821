import Hashing
import Model
import Testing

/// Pins what enters a stage's id, and what does not.
@Suite struct IdentityTests {
  struct Ingredients {
    var type = "hostname"
    var version = 1
    var options = Node.object([("name", .string("web"))])
    var inputs: [String: Input] = [
      "files": .sources([SHA256.digest([1]), SHA256.digest([2])]), "tree": .pipeline("os"),
    ]
    var previous: Digest? = SHA256.digest([3])
    var build: Digest? = SHA256.digest([4])
    var architecture = Architecture.amd64
    var epoch = Timestamp(seconds: 1_790_000_000)
    var pipeline: Digest? = SHA256.digest([5])
    var fileName = "a"

    var id: Digest {
      Stage.identity(
        type: type, version: version, options: options, inputs: inputs, previous: previous,
        build: build, architecture: architecture, epoch: epoch, pipelineID: { _ in pipeline },
        sourceName: { _ in fileName }, hash: SHA256.digest)
    }
  }

  @Test func `golden ids`() {
    #expect(Ingredients().id.description == goldenFull)
    var bare = Ingredients()
    bare.inputs = [:]
    bare.previous = nil
    bare.build = nil
    #expect(bare.id.description == goldenBare)
  }

  @Test func `each ingredient changes the id`() {
    let changes: [(inout Ingredients) -> Void] = [
      { $0.type = "timezone" }, { $0.version = 2 }, { $0.options = .object([]) },
      { $0.inputs["files"] = .sources([SHA256.digest([2]), SHA256.digest([1])]) },
      { $0.inputs["files"] = .sources([SHA256.digest([1])]) }, { $0.inputs["files"] = nil },
      { $0.inputs["tree"] = nil }, { $0.previous = nil }, { $0.previous = SHA256.digest([9]) },
      { $0.build = nil }, { $0.build = SHA256.digest([9]) }, { $0.architecture = .arm64 },
      { $0.epoch = Timestamp(seconds: 1) }, { $0.pipeline = SHA256.digest([9]) },
      { $0.pipeline = nil }, { $0.fileName = "b" },
    ]
    var ids: Set<Digest> = [Ingredients().id]
    for change in changes {
      var ingredients = Ingredients()
      change(&ingredients)
      ids.insert(ingredients.id)
    }
    #expect(ids.count == changes.count + 1)
  }

  @Test func `the name of a pipeline does not enter`() {
    var other = Ingredients()
    other.inputs["tree"] = .pipeline("renamed")
    #expect(other.id == Ingredients().id)
  }

  @Test func `the order in which options are written does not enter`() {
    var one = Ingredients()
    one.options = .object([("a", .integer(1)), ("b", .integer(2))])
    var two = Ingredients()
    two.options = .object([("b", .integer(2)), ("a", .integer(1))])
    #expect(one.id == two.id)
  }

  // Computed beside this code, by another implementation of canonical JSON.
  private let goldenFull =
    "sha256:47d96fe6ef455527070b31dc6002467588a6f97f2ac98ae64201afbc83211f3f"
  private let goldenBare =
    "sha256:0a2957523f43114b38a978a0fa4587790c21b759b5750b77d6bc1157e7e60634"
}
