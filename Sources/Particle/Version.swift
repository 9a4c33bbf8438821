internal import ArgumentParser
internal import Model

/// The command `particle version`.
struct Version: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Print the version.")

  func run() { Output.results.write("particle \(particleVersion)\n") }
}
