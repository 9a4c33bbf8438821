import Compiler
import Files
import Model
import TestSupport
import Testing

@Suite struct VariableTests {
  /// What a recipe is read as.
  private func document(_ text: String, _ files: [(String, String)] = []) throws -> Recipe.Document
  {
    try withTemporaryDirectory { folder in
      for (name, content) in files { try Files.write(Array(content.utf8), to: "\(folder)/\(name)") }
      try Files.write(
        Array(("version: 1\nname: x\nbase: {debian: trixie}\n" + text).utf8), to: folder + "/x.yml")
      return try Recipe.read(folder + "/x.yml")
    }
  }

  @Test(arguments: [("7", "n7"), ("true", "ntrue"), ("n7", "nn7")])
  func `any value is a text where a text belongs`(value: String, joined: String) throws {
    let alone = try document(
      """
      variables: {v: \(value)}
      modules: [{type: script, environment: {VALUE: "${{ v }}", JOINED: "n${{ v }}"}, run: "true"}]
      """)
    let script = try #require(alone.recipe.modules.first?.value as? ScriptModule)
    #expect(script.environment == ["VALUE": value, "JOINED": joined])
  }

  @Test func `the remedy names the variable whose value has the wrong type`() {
    let refusal = #expect(throws: Refusal.self) {
      try document(
        """
        variables: {many: lots, never: 7}
        modules:
          - {type: packages, install: [nano], recommends: "${{ never }}"}
          - {type: users, users: [{name: web, uid: "${{ many }}"}]}
        """)
    }
    #expect(
      refusal?.diagnostics.map(\.remedy) == [
        "give the variable 'never' the value true or false",
        "give the variable 'many' a number, without quotes",
      ])
  }

  @Test func `a variable that nothing uses is warned of`() throws {
    let found = try document(
      """
      variables: {text: a, file: b, choice: true, unused: c}
      modules:
        - {type: script, run: "echo ${{ text }} $${{ unused }}"}
        - {type: files, files: [{destination: /etc/x, source: x, template: true}]}
        - {type: hostname, name: other, when: {variable: {choice: true}}}
      """, [("x", "1\n${{ file }}\n")])
    #expect(found.warnings.map(\.problem) == ["nothing uses the variable 'unused'"])
    #expect(found.warnings.first?.severity == .warning && found.warnings.first?.mark?.line == 4)
    // The template that may use it is not read.
    let unread = try document(
      """
      variables: {text: a, choice: true}
      modules:
        - {type: files, files: [{destination: /etc/x, source: x, template: true}], when: {variable: {choice: false}}}
      """)
    #expect(unread.warnings.isEmpty)
  }
}
