internal import ArgumentParser
internal import Glibc
internal import Model

/// The everyday command.
@main
struct Particle: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "particle",
    abstract: "Looks after operating-system images.",
    subcommands: [BootImage.self, Version.self])

  /// Exit status: 0 · 1 what was asked for failed · 2 the command line is wrong.
  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let failure as Failure {
      Output.errors.write("error: \(failure)\n")
      Glibc.exit(1)
    } catch {
      guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
      Output.errors.write(fullMessage(for: error) + "\n")
      Glibc.exit(2)
    }
  }
}
