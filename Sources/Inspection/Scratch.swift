internal import Files
internal import Glibc
package import Model
package import Processes
internal import Runner
internal import Synchronization

/// The folder for what is taken out of images to be looked at; it is removed at the end.
package final class Scratch: Sendable {
  private let path: String
  /// Why files cannot be given the owners that they have in an image; nil where they can.
  private let ownerless: Failure?
  /// What has been put where, as people know it.
  private let names = Mutex<[String: String]>([:])

  /// - Parameters:
  ///   - parent: Where it is made; nil for `$TMPDIR`, or `/var/tmp`, as images are large.
  ///   - ownerless: Why this process is not root, not even of a namespace of its own.
  /// - Throws: When it cannot be made.
  package init(in parent: String? = nil, ownerless: Failure?) throws(Failure) {
    let named = getenv("TMPDIR").map { String(cString: $0) } ?? ""
    let parent = parent ?? (named.isEmpty ? "/var/tmp" : named)
    path = try Files.makeTemporaryDirectory(in: parent, prefix: "particle-diff-")
    self.ownerless = ownerless
  }

  /// Removes it when a signal ends the program.
  ///
  /// The signals must be held back (`Interrupts.hold`).
  package func removeOnInterrupt() {
    Interrupts.end(saying: "interrupted", after: { self.remove() })
  }

  /// Whether files can be given the owners that they have in an image.
  var canSetOwners: Bool { ownerless == nil }

  package func remove() { try? Files.removeTree(path) }

  /// A path in it where nothing is yet.
  ///
  /// - Parameter name: What comes there, as people know it.
  /// - Returns: The path.
  /// - Throws: When there is no room for it.
  func place(for name: String) throws(Failure) -> String {
    let place = try Files.makeTemporaryDirectory(in: path, prefix: "") + "/it"
    setName(of: place, name)
    return place
  }

  /// Says what is at a path.
  func setName(of place: String, _ name: String) { names.withLock { $0[place] = name } }

  /// What people know the file at a path as.
  func name(of place: String) -> String { names.withLock { $0[place] } ?? place }

  /// The same failure in words that mean something outside.
  func translated(_ failure: Failure) -> Failure {
    var failure = failure
    for (place, name) in names.withLock(\.self) {
      failure.object = failure.object.replacing(place, with: name)
      failure.cause = failure.cause.replacing(place, with: name)
    }
    return failure
  }

  /// A new, empty folder in it.
  func folder() throws(Failure) -> String {
    try Files.makeTemporaryDirectory(in: path, prefix: "")
  }

  /// Runs a program of a Debian package, which reads an image, in a sandbox.
  ///
  /// - Parameters:
  ///   - words: The program and its arguments.
  ///   - package: Whose it is.
  ///   - image: The image, as it is called in `words`.
  ///   - folder: The folder that it may write to, one of ours.
  ///   - setsOwners: Whether it has to give files the owners that they have in the image.
  /// - Returns: What it wrote to standard output.
  /// - Throws: When it is not there, or does not end well.
  @discardableResult
  func run(
    _ words: [String], from package: String, image: String, folder: String? = nil,
    setsOwners: Bool = false
  ) throws(Failure) -> String {
    if setsOwners, let ownerless { throw ownerless }
    guard Host.has(words[0]) else {
      throw Failure(
        "inspect", words.last ?? "", cause: "\(words[0]) is not installed",
        remedy: "apt install \(package)")
    }
    let outcome = try inSandbox(words, image: image, folder: folder, setsOwners: setsOwners)
    guard outcome.ending.isSuccess else {
      var failure = failure(of: outcome, words)
      if setsOwners, failure.remedy == nil {
        failure.remedy = "only root can create devices: if it has some, try as root"
      }
      throw failure
    }
    return outcome.text
  }

  /// What a program that did not end well says of that.
  func failure(of outcome: Command.Outcome, _ words: [String]) -> Failure {
    let said = (outcome.errorText + outcome.text).split(separator: "\n").suffix(5)
      .map { shown(String($0)) }
    var ending = "\(outcome.ending)"
    if case .exit(let status) = outcome.ending, let limit = ToolSandbox.limit(status) {
      ending = limit
    }
    return Failure(
      "run", words.joined(separator: " "), cause: ([ending] + said).joined(separator: "\n    "))
  }

  /// Runs a program that sees an image, and a folder of ours if it is to write to one.
  package func inSandbox(
    _ words: [String], image: String, folder: String? = nil, setsOwners: Bool = false,
    own: String? = nil, input: [UInt8] = []
  ) throws(Failure) -> Command.Outcome {
    guard Host.has("bwrap") else {
      throw Failure(
        "inspect", image,
        cause: "bubblewrap, which isolates \(words[0]), is not installed",
        remedy: "apt install bubblewrap")
    }
    let real = try Files.namedPath(image)
    let sandbox = ToolSandbox(image: real, folder: folder, setsOwners: setsOwners, own: own)
    let outcome = try Command(
      sandbox.command(words.map { $0 == image ? real : $0 }), input: input
    ).run()
    if case .signal(let number) = outcome.ending, number == SIGINT || number == SIGTERM {
      // It comes to us too, and ends us when the scratch folder is gone.
      sleep(10)
    }
    return outcome
  }
}
