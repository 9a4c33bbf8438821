internal import Files
internal import Glibc
package import Model
internal import Processes
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
    let parent = parent ?? getenv("TMPDIR").map { String(cString: $0) } ?? "/var/tmp"
    path = try Files.makeTemporaryDirectory(in: parent, prefix: "particle-diff-")
    self.ownerless = ownerless
  }

  /// Removes it when a signal ends the program.
  ///
  /// The signals must be held back (`Interrupts.hold`).
  package func removeOnInterrupt() {
    Interrupts.end(saying: "interrupted", after: { self.remove() })
  }

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

  /// Runs a program of a Debian package, which reads an image.
  ///
  /// - Parameters:
  ///   - words: The program and its arguments.
  ///   - package: Whose it is.
  ///   - setsOwners: Whether it has to give files the owners that they have in the image.
  ///   - output: The file for what it writes to standard output.
  /// - Returns: What it wrote to standard output otherwise.
  /// - Throws: When it is not there, or does not end well.
  @discardableResult
  func run(
    _ words: [String], from package: String, setsOwners: Bool = false, to output: String? = nil
  ) throws(Failure) -> String {
    if setsOwners, let ownerless { throw ownerless }
    guard Host.has(words[0]) else {
      throw Failure(
        "look into", words.last ?? "", cause: "\(words[0]) is not installed",
        remedy: "apt install \(package)")
    }
    var command = Command(words)
    let file = try FileDescriptor.open(output ?? "/dev/null", O_WRONLY | O_CREAT)
    if output != nil { command.output = .descriptor(file.raw) }
    let outcome = try command.run()
    _ = consume file
    if case .signal(let number) = outcome.ending, number == SIGINT || number == SIGTERM {
      // It comes to us too, and ends us when the scratch folder is gone.
      sleep(10)
    }
    guard outcome.ending.isSuccess else {
      let said = (outcome.errorText + outcome.text).split(separator: "\n").suffix(5)
      throw Failure(
        "run", words.joined(separator: " "),
        cause: (["\(outcome.ending)"] + said).joined(separator: "\n    "),
        remedy: setsOwners ? "only root can make devices: if it has some, try as root" : nil)
    }
    return outcome.text
  }
}
