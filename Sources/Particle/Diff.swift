internal import ArgumentParser
internal import Compiler
internal import Dispatch
internal import Files
internal import Glibc
internal import Inspection
internal import Model
internal import Runner
internal import Synchronization

/// The command `particle diff A B`.
struct Diff: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what changed between two manifests, images or stores.",
    discussion: """
      For manifests, the output reads like a changelog of packages and settings. For images, \
      archives and directories, it lists the files that differ and any other differences. For \
      stores, it lists the stages that gave different results for the same inputs.

      Exit status: 0 nothing differs, 1 something differs, 2 the command line is wrong or the two \
      cannot be compared.
      """)

  @Argument(help: "The old manifest, image or store.", completion: .file())
  var old: String

  @Argument(help: "The new manifest, image or store.", completion: .file())
  var new: String

  @Flag(help: "Print one JSON object.")
  var json = false

  @Flag(help: "Print Markdown, for a job summary or a comment.")
  var markdown = false

  func validate() throws {
    if json, markdown {
      throw ValidationError("--json and --markdown cannot be used together")
    }
    if old == "-", new == "-" {
      throw ValidationError(
        "only one manifest can come from standard input: name a file for the other")
    }
  }

  func run() throws {
    let isDifferent: Bool
    do {
      switch try (kind(of: old), kind(of: new)) {
      case (.manifest, .manifest): isDifferent = try compareManifests()
      case (.store, .store): isDifferent = try compareStores()
      case (.image, .image): isDifferent = try compareImages()
      case (let one, let other):
        throw ValidationError(
          "'\(old)' is \(one.rawValue) and '\(new)' is \(other.rawValue): only two of the"
            + " same kind can be compared")
      }
    } catch let failure as Failure {
      // Status 1 says that something differs.
      Output.errors.write("error: \(failure)\n")
      throw ExitCode(2)
    }
    if isDifferent { throw ExitCode(1) }
  }

  private enum Kind: String {
    case manifest = "a manifest"
    case store = "a store"
    case image = "an image"
  }

  private func kind(of path: String) throws -> Kind {
    if path == "-" { return .manifest }
    var info = stat()
    guard stat(path, &info) == 0 else { throw Failure.system("read", path) }
    if info.st_mode & S_IFMT == S_IFDIR {
      return Store(root: path).exists && Files.exists(path + "/layers") ? .store : .image
    }
    // A manifest can come through a pipe, which is read only once; an image cannot.
    guard info.st_mode & S_IFMT == S_IFREG else { return .manifest }
    let start = try FileDescriptor.open(path, O_RDONLY).read(1 << 10, at: 0)
    let first = start.first { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }
    return first == UInt8(ascii: "{") ? .manifest : .image
  }

  private func compareManifests() throws -> Bool {
    let manifests = try read([old, new])
    let difference = ManifestDifference(from: manifests[0], to: manifests[1])
    write(difference.node, difference.text, markdown: difference.markdown)
    return !difference.isEmpty
  }

  private func compareStores() throws -> Bool {
    try Host.prepareForStore()
    let difference = try StoreDifference(from: Store(root: old), to: Store(root: new))
    write(difference.node, difference.text)
    return !difference.isEmpty
  }

  private func compareImages() throws -> Bool {
    // Without it, what needs no owners can be compared.
    var ownerless: Failure?
    do throws(Failure) { try Host.prepareForStore() } catch { ownerless = error }
    Interrupts.hold()
    let scratch = try Scratch(ownerless: ownerless)
    scratch.removeOnInterrupt()
    defer { scratch.remove() }
    let difference = try ImageComparison(in: scratch).compare(old, new)
    write(difference.node, difference.text)
    return !difference.isEmpty
  }

  /// Writes what was found in the form that was asked for; what has no Markdown of its own is shown as text there.
  private func write(_ node: Node, _ text: String, markdown own: String? = nil) {
    if json {
      Output.results.write(node)
    } else if markdown {
      Output.results.write(own ?? Markdown.code(text, language: "text") + "\n")
    } else {
      Output.results.write(text)
    }
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
