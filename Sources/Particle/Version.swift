internal import ArgumentParser

/// `particle version`
struct Version: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Prints the version.")

  static let number = "0.1.0"

  func run() { Output.results.write("particle \(Self.number)\n") }
}
