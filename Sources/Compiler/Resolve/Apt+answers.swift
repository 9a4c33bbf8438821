internal import Files
internal import Glibc
internal import Hashing
internal import Model

/// What apt said to earlier questions: the same question to the same package lists has the same
/// answer, and asking costs a second.
struct Answers {
  let folder: String

  /// The answers below the folder `parent` that hold for `state`, which is all that decides them
  /// beside the question; those for other states are removed.
  init(in parent: String, state: Digest) throws(Failure) {
    folder = "\(parent)/\(state.hex)"
    if Files.exists(folder) { return }
    try Files.removeTree(parent)
    try Files.makeDirectories(folder)
  }

  private func path(_ question: [String]) -> String {
    "\(folder)/\(SHA256.digest(Array(question.joined(separator: "\0").utf8)).hex)"
  }

  /// The answer, if one is kept.
  ///
  /// An empty one is what a loss of power leaves.
  func known(_ question: [String]) -> String? {
    guard let text = try? Files.readText(path(question)), !text.isEmpty else { return nil }
    return text
  }

  func keep(_ answer: String, to question: [String]) throws(Failure) {
    try Files.writeAtomically(Array(answer.utf8), to: path(question))
  }

  /// Writes a file that a question names; its path has the text's digest, and ends in `name`, by
  /// which apt tells what it is.
  func write(_ text: String, as name: String) throws(Failure) -> String {
    let place = "\(folder)/\(SHA256.digest(Array(text.utf8)).hex).d"
    if !Files.exists("\(place)/\(name)") {
      try Files.makeDirectories(place)
      try Files.writeAtomically(Array(text.utf8), to: "\(place)/\(name)")
    }
    return "\(place)/\(name)"
  }

  /// Gives a package file a path that has its digest.
  func link(_ file: PackageFile) throws(Failure) -> String {
    let path = "\(folder)/\(file.digest.hex).deb"
    unlink(path)
    guard symlink(file.path, path) == 0 else { throw .system("create the link", path) }
    return path
  }
}

extension Apt {
  /// The answers that hold for the package lists there are, this apt and these settings.
  ///
  /// The release files have the digests of all other lists.
  func answers() throws(Failure) -> Answers {
    let hash = SHA256()
    hash.update(try version())
    hash.update(try Files.read("\(folder)/apt.conf"))
    for name in try lists() where name.hasSuffix("Release") {
      hash.update("\0\(name)\0")
      hash.update(try list(name))
    }
    return try Answers(in: "\(folder)/answers", state: hash.finish())
  }
}
