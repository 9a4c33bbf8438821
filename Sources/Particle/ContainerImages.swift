internal import ArgumentParser
internal import Compiler
internal import Dispatch
internal import Files
internal import Glibc
internal import Model
internal import Runner
internal import Synchronization

/// The commands `particle container …`.
struct ContainerImages: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "container", abstract: "Looks at container images, and fetches them.",
    subcommands: [Inspect.self, PullImage.self])

  /// What all of them take.
  struct Wanted: ParsableArguments {
    @Argument(
      help: ArgumentHelp(
        "The image, as in a recipe's base: docker://HOST/NAME:TAG, oci:DIR, oci-archive:FILE, "
          + "docker-archive:FILE or containers-storage:NAME.", valueName: "ref"))
    var reference: String

    @Option(
      name: .customLong("arch"),
      help: "The machine it is to be for: amd64 or arm64; without it, what this machine is.")
    var architecture: Architecture = .own ?? .amd64

    @Option(
      help: ArgumentHelp("Where to remember what images are.", valueName: "dir"),
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
      abstract: "Says what a container image is: its digest, layers and settings.",
      discussion: "Exit status: 0 done, 1 the image is not to be had, 2 the command line is wrong.")

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
      abstract: "Fetches the layers of a container image into the store, for builds to come.",
      discussion: """
        Prints the image by digest, as a recipe can have it. Exit status: 0 done, 1 the image is not \
        to be had, 2 the command line is wrong.
        """)

    @OptionGroup var wanted: Wanted

    @OptionGroup var place: StoreCare.Place

    @Flag(help: "Print one JSON object.")
    var json = false

    @Flag(name: .shortAndLong, help: "Print nothing but errors and the image by digest.")
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

/// Waits for asynchronous work, which signals are kept from: this thread takes no part in it.
private func waiting<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) throws
  -> Value
{
  let outcome = Mutex<Result<Value, any Error>?>(nil)
  let end = DispatchSemaphore(value: 0)
  Task.detached {
    do {
      let value = try await work()
      outcome.withLock { $0 = .success(value) }
    } catch {
      outcome.withLock { $0 = .failure(error) }
    }
    end.signal()
  }
  end.wait()
  guard let outcome = outcome.withLock(\.self) else { throw CancellationError() }
  return try outcome.get()
}
