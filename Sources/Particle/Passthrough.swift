internal import ArgumentParser

/// The command `particle compile …`, which is `particle-compile …`.
///
/// `Particle.main` starts it before anything is parsed; what stands here is for help and completion.
struct Compile: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compile a recipe to a manifest (particle-compile).")

  @Argument(parsing: .captureForPassthrough, completion: .file(extensions: ["yml", "yaml"]))
  var arguments: [String] = []

  func run() throws { try Sibling.compile.become(arguments) }
}

/// The command `particle run …`, which is `particle-run …`.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Build what a manifest describes (particle-run).")

  @Argument(parsing: .captureForPassthrough, completion: .file(extensions: ["json"]))
  var arguments: [String] = []

  func run() throws { try Sibling.run.become(arguments) }
}
