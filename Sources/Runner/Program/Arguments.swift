import ArgumentParser
import Glibc
import Model
import Runner
import Usage

/// The command line of `particle-run`.
struct Arguments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "particle-run", abstract: "Build what a manifest describes.",
    version: "particle-run \(particleVersion)")

  @Argument(help: "The manifest, or - for standard input.")
  var manifest: String

  @OptionGroup var options: RunOptions

  /// What `--check` starts the program with.
  @Flag(name: .long, help: .hidden)
  var variedConditions = false

  /// What `particle build` has to say when all went well.
  @Option(name: .long, help: .hidden)
  var next: String?

  /// How people are told what goes on.
  var style: Progress.Style { .usual(isQuiet: options.quiet, isForPrograms: options.json) }

  /// Whether errors may have colours (https://no-color.org).
  var isColoured: Bool { Progress.isOnTerminal && environment("NO_COLOR") == nil }

  /// What each stage may take.
  var limits: StageLimits {
    StageLimits(
      memory: options.stageMemory ?? StageLimits.standard.memory,
      processes: options.stageProcesses ?? StageLimits.standard.processes)
  }
}

/// A variable of the environment; nil where it is empty.
func environment(_ name: String) -> String? {
  getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
}
