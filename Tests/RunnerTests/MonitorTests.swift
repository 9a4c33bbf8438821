import Files
import Glibc
import Hashing
import JSON
import Model
import Processes
import Runner
import Testing

@Suite struct MonitorTests {
  private func draft(_ server: Server? = nil, fails: Bool = false) -> Draft {
    var draft = Draft()
    var steps = [inTree("write /end x")]
    if let server {
      let digest = draft.source("file.bin", Array("hello".utf8), urls: [server.url("good", "file")])
      steps.append(
        inTree("copy /file files file.bin", inputs: ["files": .sources([digest])]))
    }
    if fails { steps.append(inTree("say hello", "fail now")) }
    draft.pipeline("os", steps)
    draft.export("end", from: "os", "/end")
    return draft
  }

  /// What a build tells its monitor, and how it ended.
  private func sequence(_ scene: Scene, _ draft: Draft, _ options: [String] = []) throws -> (
    records: [Node], outcome: Command.Outcome
  ) {
    let file = try FileDescriptor.inMemory()
    var command = try scene.command(draft, ["--monitor-fd", "7"] + options)
    command.descriptors = [7: file.raw]
    let outcome = try command.run()
    let text = try file.readAll()
    #expect(text.first == 0x1e && text.last == 0x0a)
    let records = try text.split(separator: 0x1e).map { bytes in
      #expect(bytes.last == 0x0a)
      return try JSON.parse(Array(bytes), file: "monitor", allowsDecimals: true)
    }
    return (records, outcome)
  }

  private func text(_ node: Node?) -> String? {
    guard case .string(let text)? = node?.value else { return nil }
    return text
  }

  @Test func `a build is told from its begin to its end`() throws {
    try Scene.with { scene in
      try Server.with(["file": Array("hello".utf8)], in: scene) { server in
        let (records, outcome) = try sequence(scene, draft(server), ["--json"])
        #expect(outcome.ending == .exit(0), "\(outcome.errorText)")
        let events = records.compactMap { text($0["event"]) }
        #expect(
          events.filter { $0 != "downloads" } == [
            "begin", "stage-started", "stage-finished", "stage-started", "stage-finished", "end",
          ])
        let begin = records.first
        #expect(begin?["recipe"] == .string("test"))
        #expect(begin?["exports"] == .list([.string("end")]))
        #expect(begin?["stages"] == .object([("run", .integer(2)), ("total", .integer(2))]))
        #expect(begin?["downloads"] == .object([("bytes", .integer(5)), ("files", .integer(1))]))
        let downloads = records.last { $0["event"] == .string("downloads") }
        #expect(downloads?["bytes"]?["done"] == .integer(5))
        #expect(downloads?["files"]?["total"] == .integer(1))
        let report = try JSON.parse(outcome.output, file: "output", allowsDecimals: true)
        guard case .list(let stages)? = report["stages"]?.value else {
          Issue.record("no stages")
          return
        }
        let finished = records.filter { $0["event"] == .string("stage-finished") }
        for (stage, record) in zip(stages, finished) {
          for name in ["id", "index", "key", "log", "output", "pipeline", "result", "seconds"] {
            #expect(stage[name] != nil && stage[name] == record[name], "\(name)")
          }
          guard case .decimal? = stage["seconds"]?.value else {
            Issue.record("the seconds are no number with a fraction")
            return
          }
        }
        #expect(records.last?["status"] == .integer(0))
        #expect(records.last?["exports"] == report["exports"])
        let again = try sequence(scene, draft(server)).records
        #expect(
          again.last { $0["event"] == .string("stage-finished") }?["result"] == .string("hit"))
        #expect(again.first?["stages"]?["run"] == .integer(0))
      }
    }
  }

  @Test func `with a check the end comes last, with the status of the whole`() throws {
    try Scene.with { scene in
      var draft = Draft()
      draft.pipeline("os", [inTree("random /end")])
      draft.export("end", from: "os", "/end")
      let (records, outcome) = try sequence(scene, draft, ["--check", "-q"])
      #expect(outcome.ending == .exit(3), "\(outcome.errorText)")
      #expect(records.compactMap { text($0["event"]) }.count { $0 == "end" } == 1)
      #expect(records.last?["status"] == .integer(3))
      #expect(records.last?["exports"]?["end"] != nil)
      let same = try sequence(scene, self.draft(), ["--check", "-q"])
      #expect(same.records.last?["status"] == .integer(0))
    }
  }

  @Test func `a failure is told as in the result`() throws {
    try Scene.with { scene in
      let (records, outcome) = try sequence(scene, draft(fails: true), ["--json"])
      let failure = records.first { $0["event"] == .string("failure") }
      #expect(failure?["error"]?["exit"] == .integer(1))
      let result = try JSON.parse(outcome.output, file: "output")
      #expect(failure?["error"] == result["error"])
      #expect(records.last?["status"] == .integer(1))
    }
  }

  @Test func `a reader that is gone is not missed`() throws {
    try Scene.with { scene in
      let (reader, writer) = try pipe()
      close(reader)
      defer { close(writer) }
      var command = try scene.command(draft(), ["--monitor-fd", "7"])
      command.descriptors = [7: writer]
      #expect(try command.run().ending == .exit(0))
    }
  }

  @Test func `a reader that does not read holds nothing up`() throws {
    try Scene.with { scene in
      let (reader, writer) = try pipe()
      defer {
        close(reader)
        close(writer)
      }
      // A full pipe.
      _ = fcntl(writer, F_SETFL, O_NONBLOCK)
      while write(writer, [UInt8](repeating: 0, count: 4096), 4096) > 0 {}
      _ = fcntl(writer, F_SETFL, 0)
      var command = try scene.command(draft(), ["--monitor-fd", "7"])
      command.descriptors = [7: writer]
      let began = time(nil)
      #expect(try command.run().ending == .exit(0))
      #expect(time(nil) - began < 300)
    }
  }

  private func pipe() throws -> (reader: Int32, writer: Int32) {
    var ends: [Int32] = [0, 0]
    guard Glibc.pipe(&ends) == 0 else { throw Failure.system("make", "a pipe") }
    return (ends[0], ends[1])
  }

  @Test func `a descriptor that is not open is refused`() throws {
    try Scene.with { scene in
      let outcome = try scene.run(draft(), ["--monitor-fd", "99"])
      #expect(outcome.ending == .exit(2))
      #expect(outcome.errorText.contains("--monitor-fd 99: no such file descriptor is open"))
    }
  }
}
