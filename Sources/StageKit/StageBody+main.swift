internal import Files
internal import Glibc
internal import JSON
internal import Model
internal import Processes

extension StageBody {
  /// The program of a stage: reads a request from standard input and does the work.
  ///
  /// With `--describe` it prints the contract instead. Exit status: 0 done, 1 failed, 2 a request it
  /// does not understand.
  package static func main() {
    // Modes are said where files are made; the umask of whoever runs us must not matter.
    umask(0o022)
    // What whoever runs us has left open is nothing of the stage's, nor of what it starts.
    OwnProcess.closeOtherFiles()
    if CommandLine.arguments.dropFirst().first == "--describe" {
      let node = StageDescription.schema.encode(description)
      print(node.prettyText, terminator: "")
      return
    }
    do {
      let standardInput = FileDescriptor(owning: 0)
      let bytes = try standardInput.readAll()
      let request = try JSON.decode(StageRequest.schema, from: bytes, file: "request").get()
      var problems = Problems()
      guard let stage = schema.decode(request.options, &problems) else {
        throw Refusal(diagnostics: problems.diagnostics)
      }
      try stage.run(
        in: Job(
          tree: try Tree(root: request.tree), inputs: request.inputs, epoch: request.epoch,
          architecture: request.architecture))
    } catch let refusal as Refusal {
      for diagnostic in refusal.diagnostics {
        let place = diagnostic.path.isEmpty ? "options" : "options.\(diagnostic.path)"
        let help = diagnostic.remedy.map { "\n  help: \($0)" } ?? ""
        complain("\(place): \(diagnostic.problem)\(help)")
      }
      exit(2)
    } catch {
      complain("\(error)")
      exit(1)
    }
  }

  private static func complain(_ text: String) {
    let line = Array("\(name): \(text)\n".utf8)
    _ = Glibc.write(2, line, line.count)
  }
}
