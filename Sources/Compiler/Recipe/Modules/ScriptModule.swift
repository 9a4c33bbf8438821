package import Model
internal import StageContracts

/// A script to run in the system.
package struct ScriptModule: Module {
  package var text: Content
  package var interpreter: [String]
  package var environment: [String: String]

  package static let type = "script"
  package static let summary = Script.summary
  package static let example = """
    - type: script
      environment: {GREETING: hello}
      run: |
        echo "$GREETING" >/etc/greeting
    - type: script
      file: files/setup.sh
      interpreter: [/bin/bash, -eu]
    - type: script
      pipefail: true
      run: |
        sort /etc/shells | uniq >/etc/shells.sorted
    """
  package static let notes = """
    The script runs in the tree as root, without network access, with `/bin/sh -eu` unless `interpreter` says otherwise.
    In a pipe, only a failure of the last command counts, so `false | sort` succeeds. With `pipefail: true`, bash runs
    the script (`/bin/bash -eu -o pipefail`), and the failure of any command counts.

    What the script writes must not depend on the time, on randomness or on the order of directory entries. The clock is
    available, but use `SOURCE_DATE_EPOCH` instead.
    """

  package var contents: [Content] { [text] }

  package func check(_ contents: Contents, _ problems: inout Problems) {
    text.refuseBinary("the script", contents, &problems)
  }

  package func steps(among modules: [Located<any Module>], _ contents: Contents) -> [Step] {
    [
      Step(
        Script(
          script: text.text(contents), interpreter: interpreter, environment: environment))
    ]
  }

  package static let schema = Schema<ScriptWritten>.object(
    Field(optional: "run", { $0.run }, .string, "The text of the script."),
    Field(
      optional: "file", { $0.file }, Schema<String>.localPath.located,
      "The script file, relative to the file that names it."),
    Field(
      optional: "interpreter", { $0.interpreter }, Script.interpreterSchema,
      "The program that runs the script, and its options. Default: /bin/sh -eu."),
    Field(
      "pipefail", { $0.pipefail }, Schema<Bool>.bool.located, default: Located(false),
      "Whether a pipe fails if any of its commands fails, not just the last; bash then runs the script."
    ),
    Field(
      "environment", { $0.environment }, Script.environmentSchema, default: [:],
      "Environment variables for the script, in addition to the fixed ones."),
    make: {
      ScriptWritten(run: $0, file: $1, interpreter: $2, pipefail: $3, environment: $4)
    }
  ).mapped(
    { (written, node, problems) -> ScriptModule? in
      let interpreter = written.chosenInterpreter(&problems)
      switch (written.run, written.file) {
      case (let text?, nil):
        return ScriptModule(
          text: .text(text), interpreter: interpreter, environment: written.environment)
      case (nil, let path?):
        return ScriptModule(
          text: .path(path), interpreter: interpreter, environment: written.environment)
      default:
        problems.report(
          "a script needs either 'run' or 'file'", at: node.mark,
          remedy: "add 'run: |' and the script below it, or 'file: setup.sh'")
        return nil
      }
    },
    { module in
      var written = ScriptWritten(
        interpreter: module.interpreter, pipefail: Located(false), environment: module.environment)
      switch module.text {
      case .text(let text): written.run = text
      case .path(let path), .template(let path): written.file = path
      }
      return written
    })
}

/// A script as it is written.
package struct ScriptWritten: Sendable {
  var run: String?
  var file: Located<String>?
  var interpreter: [String]?
  var pipefail: Located<Bool>
  var environment: [String: String]

  fileprivate func chosenInterpreter(_ problems: inout Problems) -> [String] {
    guard pipefail.value else { return interpreter ?? ["/bin/sh", "-eu"] }
    if let interpreter {
      problems.report(
        "'pipefail' selects bash, but 'interpreter' selects \(interpreter.first ?? "another")",
        at: pipefail.mark,
        remedy:
          "keep one of them; 'pipefail' is short for interpreter: [/bin/bash, -eu, -o, pipefail]")
    }
    return ["/bin/bash", "-eu", "-o", "pipefail"]
  }
}
