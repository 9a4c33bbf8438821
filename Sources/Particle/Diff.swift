internal import ArgumentParser
internal import Compiler
internal import Dispatch
internal import Model
internal import Synchronization

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
    let manifests = try read([old, new])
    let difference = ManifestDifference(from: manifests[0], to: manifests[1])
    Output.results.write(json ? difference.node.prettyText : difference.text)
    if !difference.isEmpty { throw ExitCode(1) }
  }

  /// Reads manifests at the same time, as that is where the time goes; throws what is wrong with the
  /// first that is wrong.
  private func read(_ paths: [String]) throws -> [Manifest] {
    let results = Mutex<[Int: Result<Manifest, any Error>]>([:])
    DispatchQueue.concurrentPerform(iterations: paths.count) { index in
      let result = Result { try Manifest.read(paths[index]) }
      results.withLock { $0[index] = result }
    }
    let read = results.withLock(\.self)
    return try paths.indices.compactMap { try read[$0]?.get() }
  }
}
