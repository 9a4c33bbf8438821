internal import ArgumentParser
internal import Files
internal import Glibc
internal import Model
internal import Runner
internal import Usage

/// The everyday command.
@main
struct Particle: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "particle",
    abstract: "Build operating system images from recipes, run them and compare them.",
    version: "particle \(particleVersion)",
    subcommands: [
      BuildRecipe.self, Validate.self, List.self, Init.self, Compile.self, Run.self, Diff.self,
      VirtualMachine.self, Shell.self, BootImage.self, ShowReport.self, BillOfMaterials.self,
      Attest.self,
      Verify.self,
      Push.self,
      ContainerImages.self, StoreCare.self, ShowSchema.self, Version.self,
    ])

  /// Exit status: 0 · 1 what was asked for failed · 2 the command line is wrong.
  static func main() {
    do {
      try Surroundings.complete()
      // All that follows is the other program's, its options and `--help` among it.
      switch CommandLine.arguments.dropFirst().first {
      case "compile": try Sibling.compile.become(Array(CommandLine.arguments.dropFirst(2)))
      case "run": try Sibling.run.become(Array(CommandLine.arguments.dropFirst(2)))
      default: break
      }
      let words = Array(CommandLine.arguments.dropFirst())
      var command = parsed(words.first == "build" ? CompileOptions.parsable(words) : words)
      try command.run()
    } catch let failure as Failure {
      Output.errors.write("error: \(failure)\n")
      Glibc.exit(1)
    } catch let refusal as Refusal {
      Output.errors.write(Report.text(of: refusal).text)
      Glibc.exit(2)
    } catch { end(with: error) }
  }
}
