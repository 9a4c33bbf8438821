import Processes
import TestSupport
import Testing

/// The script runs where the stage stands, which here is the machine of the tests.
@Suite struct ScriptTests {
  @Test func passesItsOutputAndVariablesOn() throws {
    try withTemporaryDirectory { tree in
      let options = #"{"script": "echo $WORD; echo done >&2", "environment": {"WORD": "hello"}}"#
      let result = try run("script", options, on: tree)
      #expect(result.status == .exit(0))
      #expect(result.log == "hello\ndone\n")
    }
  }

  @Test func stopsAtTheFirstFailure() throws {
    try withTemporaryDirectory { tree in
      let result = try run("script", #"{"script": "(exit 7)\necho never"}"#, on: tree)
      #expect(result.status == .exit(1))
      #expect(
        result.log == """
          script: cannot run the script: exit status 7

          """)
    }
  }
}
