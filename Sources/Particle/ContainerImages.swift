internal import ArgumentParser
internal import Compiler
internal import Files
internal import Glibc
internal import Model
internal import Runner

/// The commands `particle container …`.
struct ContainerImages: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "container", abstract: "Inspect and fetch container images.",
    subcommands: [Inspect.self, PullImage.self])

  /// What all of them take.
  struct Wanted: ParsableArguments {
    @Argument(
      help: ArgumentHelp(
        "The image, written as in a recipe's base: docker://HOST/NAME:TAG, oci:DIR, "
          + "oci-archive:FILE, docker-archive:FILE or containers-storage:NAME.", valueName: "ref"))
    var reference: String

    @Option(
      name: .customLong("arch"),
      help: ArgumentHelp(
        "The image's architecture: amd64 or arm64. Default: this machine's.", valueName: "arch"))
    var architecture: Architecture = .own ?? .amd64

    @Option(
      help: ArgumentHelp("Cache information about images in this directory.", valueName: "dir"),
      completion: .directory)
    var cache: String?

    /// Asks what the image is; ends with what is wrong, told.
    func inspected() throws -> InspectedImage {
      do throws(CompileError) {
        let image: ImageReference
        do { image = try ImageReference(argument: reference) } catch { throw .recipe(error) }
        return try InspectedImage(
          image, for: architecture, ResolveSettings(cache: cache))
      } catch {
        let report = Compiler.Report(colour: getenv("NO_COLOR") == nil && isatty(2) == 1)
        Output.errors.writeAsIs(report.text(error) { _ in nil })
        throw ExitCode(error.exitStatus)
      }
    }
  }
}

extension ContainerImages {
  /// The command `particle container inspect REF`.
  struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the digest, layers and settings of a container image.",
      discussion: "Exit status: 0 done, 1 the image is not available, 2 the command line is wrong.")

    @OptionGroup var wanted: Wanted

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
      let image = try wanted.inspected()
      if json {
        Output.results.write(Node.object(image.members))
      } else {
        Output.results.write(image.text)
      }
    }
  }

  /// The command `particle container pull REF`.
  struct PullImage: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "pull",
      abstract: "Fetch the layers of a container image into the store for later builds.",
      discussion: """
        Prints the image's reference by digest, for use in a recipe.

        Exit status: 0 done, 1 the image is not available, 2 the command line is wrong.
        """)

    @OptionGroup var wanted: Wanted

    @OptionGroup var place: StoreCare.Place

    @Flag(help: "Print one JSON object.")
    var json = false

    @Flag(name: .shortAndLong, help: "Print only errors and the image's reference.")
    var quiet = false

    func run() throws {
      let image = try wanted.inspected()
      let store = Store(root: try Store.root(place.store))
      let limit = try store.limit(nil).bytes
      try Host.prepareForPull()
      let progress = Progress(style: .usual(isQuiet: quiet, isForPrograms: json))
      let pull = Pull(image.sources, into: store, limit: limit, progress: progress)
      defer { progress.close() }
      let new = try waiting { try await pull.run() }
      if new.files == 0 { progress.say("  all layers were in the store") }
      progress.endView()
      guard json else { return Output.results.write(image.reference + "\n") }
      let downloaded = [("files", new.files), ("size", new.size)].map { ($0, Node.integer($1)) }
      Output.results.write(
        Node.object(
          image.members + [("store", .string(store.root)), ("downloaded", .object(downloaded))]))
    }
  }
}
