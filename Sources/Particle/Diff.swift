internal import ArgumentParser
internal import Compiler
internal import Model

/// The command `particle diff A B`.
struct Diff: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says what differs between two manifests, like a changelog.",
    discussion: "Exit status: 0 nothing differs, 1 something does, 2 the command line or a "
      + "manifest is wrong.")

  @Argument(help: "The manifest that was.", completion: .file(extensions: ["json"]))
  var old: String

  @Argument(help: "The manifest that is.", completion: .file(extensions: ["json"]))
  var new: String

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    if old == "-", new == "-" {
      throw ValidationError("only one of the manifests can be standard input")
    }
  }

  func run() throws {
    let difference = ManifestDifference(from: try Manifest.read(old), to: try Manifest.read(new))
    Output.results.write(json ? difference.node.prettyText : difference.text)
    if !difference.isEmpty { throw ExitCode(1) }
  }
}
