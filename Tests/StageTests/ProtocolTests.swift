import Glibc
import Model
import Processes
import StageContracts
import TestSupport
import Testing

@Suite struct ProtocolTests {
  @Test(arguments: catalog.map { $0.name })
  func describesItself(_ stage: String) throws {
    let contract = try #require(catalog.first { $0.name == stage })
    let outcome = try Command([program(of: stage), "--describe"]).run()
    #expect(outcome.ending == .exit(0))
    let node = StageDescription.schema.encode(contract.description)
    #expect(outcome.text == node.prettyText)
  }

  @Test func badOptionsAreNamedAndExitWithTwo() throws {
    try withTemporaryDirectory { tree in
      let changed = try changes(in: tree) {
        let result = try run("hostname", #"{"nmae": "a"}"#, on: tree)
        #expect(result.status == .exit(2))
        #expect(
          result.log == """
            hostname: options: unknown key 'nmae'
              help: did you mean 'name'?

            """)
      }
      #expect(changed.isEmpty)
    }
  }

  @Test func aFailureSaysWhyAndExitsWithOne() throws {
    try withTemporaryDirectory { tree in
      let result = try run("tar", #"{"file": "/a.tar"}"#, on: tree)
      #expect(result.status == .exit(1))
      #expect(
        result.log == """
          tar: cannot find the input 'tree': the manifest does not give this stage one

          """)
    }
  }

  @Test func aLinkInTheTreeDoesNotLeadOutOfIt() throws {
    try withTemporaryDirectory { outside in
      try withTemporaryDirectory { tree in
        #expect(symlink(outside, "\(tree)/etc") == 0)
        let result = try run("hostname", #"{"name": "a"}"#, on: tree)
        #expect(result.status == .exit(1))
        #expect(try listing(of: outside).isEmpty)
      }
    }
  }
}
