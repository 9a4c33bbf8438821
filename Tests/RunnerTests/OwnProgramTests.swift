import Files
import Glibc
import Model
import Processes
import Testing

/// Swift brings it along; a clean Debian that only runs these tests has none.
private let hasCompiler = (getenv("PATH").map { String(cString: $0) } ?? "").split(separator: ":")
  .contains { access("\($0)/clang", X_OK) == 0 }

/// Stages that are not ours: scripts, and programs with libraries.
@Suite struct OwnProgramTests {
  private static let contract =
    #"{"name": "own", "version": 1, "summary": "", "stance": "in-tree", "options": {}}"#

  private static let script = """
    #!/bin/sh
    echo '\(contract)'

    """

  private func draft() -> Draft {
    var draft = Draft()
    draft.pipeline("os", [Draft.Step(type: "own", options: .object([]), inputs: [:])])
    draft.export("end", from: "os", "/end")
    return draft
  }

  private func compile(_ text: String, _ words: [String]) throws {
    _ = try Command(["clang", "-x", "c", "-"] + words, input: Array(text.utf8)).runChecked()
  }

  @Test(.enabled(if: hasCompiler, "only with clang on PATH"))
  func `a program runs again when its library has changed`() throws {
    try Scene.with { scene in
      let library = scene.folder + "/libword.so"
      func write(_ word: String) throws {
        try compile(
          "const char *word(void) { return \"\(word)\"; }",
          ["-shared", "-fPIC", "-Wl,-soname,libword.so", "-o", library])
      }
      try write("one")
      let quoted = Self.contract.replacing("\"", with: "\\\"")
      let program = """
        #include <stdio.h>
        const char *word(void);
        int main(int count, char **words) {
          if (count > 1) return puts("\(quoted)") < 0;
          FILE *end = fopen("/end", "w");
          return !end || fputs(word(), end) < 0 || fclose(end) != 0;
        }
        """
      try compile(
        program,
        [
          "-x", "none", library, "-Wl,-rpath,\(scene.folder)", "-o",
          scene.folder + "/stages/particle-stage-own",
        ])
      let first = try scene.run(draft())
      #expect(first.fates == ["os/0 run"], "\(first.errorText)")
      #expect(try scene.text("end") == "one")
      #expect(try scene.run(draft()).fates == ["os/0 hit"])
      try write("two")
      #expect(try scene.run(draft()).fates == ["os/0 run"])
      #expect(try scene.text("end") == "two")
    }
  }

  @Test func `a script whose interpreter is not in its tree is told`() throws {
    try Scene.with { scene in
      try Files.write(
        Array(Self.script.utf8), to: scene.folder + "/stages/particle-stage-own", mode: 0o755)
      let outcome = try scene.run(draft())
      #expect(outcome.ending == .exit(1))
      #expect(
        outcome.errorText.contains(
          "cannot start /run/particle/stage: its interpreter is not in the tree that it runs in"),
        "\(outcome.errorText)")
    }
  }

  @Test func `a stage that is not executable is told, with what to do`() throws {
    try Scene.with { scene in
      let path = scene.folder + "/stages/particle-stage-own"
      try Files.write(Array(Self.script.utf8), to: path, mode: 0o644)
      let outcome = try scene.run(draft())
      #expect(outcome.ending == .exit(2))
      #expect(
        outcome.errorText == """
          error: stage 0 of pipeline 'os': \(path) is not executable
            help: chmod +x \(path)

          """)
    }
  }
}
