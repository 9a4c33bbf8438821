internal import Files
internal import Glibc
internal import Hashing
package import Model

/// The directory that a person has named for outputs, and what in it may be replaced.
///
/// A file is replaced where an earlier run placed one of that name, even if it was changed since: people boot images. A
/// directory is replaced where an earlier run placed it and it is as it was. All else stays, unless the person forces it;
/// and what is neither a file nor a directory stays in any case.
package struct OutputDirectory: Sendable {
  package let path: String
  let store: Store
  /// Whether files and directories are replaced that nobody placed, or that were changed since.
  let isForced: Bool
  private let sums: SumsFile

  package init(_ path: String, store: Store, isForced: Bool) {
    self.path = path
    self.store = store
    self.isForced = isForced
    sums = SumsFile(in: path)
  }

  /// Looks whether exports can be placed here, before they are made.
  ///
  /// - Throws: `Refusal` with all that is in the way, `Failure` when nothing can be written here.
  package func check(_ exports: [(name: String, export: Manifest.Export)]) throws {
    let names = OutputNames(of: exports)
    var problems = names.problems
    try checkPlace(names.all)
    for name in names.all where ByteString(name) != ByteString(OutputNames.sums) {
      problems += problem(with: name, isQuick: true)
    }
    problems += problemWithSums
    if let (one, other) = names.alike, ignoresCase {
      problems.append(
        Diagnostic(
          "'\(shown(one))' and '\(shown(other))' are the same name in \(shown(path)), which ignores case",
          remedy: "choose another directory with -o, or rename what exports one of them"))
    }
    guard problems.isEmpty else { throw Refusal(diagnostics: problems) }
  }

  /// The same of one output, at the moment when it is placed.
  ///
  /// - Returns: What it may replace.
  func check(_ name: String) throws(Failure) -> Files.Replaceable {
    // What comes after this is not what was looked at.
    let occupant = Files.Occupant(path + "/" + name)
    if let problem = problem(with: name, isQuick: false).first {
      throw Failure("export", shown(name), cause: problem.problem, remedy: problem.remedy)
    }
    return .only(occupant)
  }

  // MARK: The place itself

  private func checkPlace(_ names: [String]) throws {
    func refusal(_ problem: String) -> Refusal {
      Refusal(diagnostics: [
        Diagnostic(problem, remedy: "choose another directory with -o")
      ])
    }
    let told = shown(path)
    var info = stat()
    if stat(path, &info) == 0 {
      guard info.st_mode & S_IFMT == S_IFDIR else {
        throw refusal("'\(told)' is not a directory: outputs cannot be placed there")
      }
    } else if lstat(path, &info) == 0 {
      throw refusal("'\(told)' is a dangling symbolic link: outputs cannot be placed there")
    }
    let own = resolved(path)
    let kept = resolved(store.root)
    if own.isAt(orBeneath: kept) {
      throw refusal(
        "'\(told)' is in the store \(shown(store.root)): outputs would be mistaken for its files")
    }
    for name in names where kept.isAt(orBeneath: own + [ByteString(name)]) {
      throw refusal(
        "'\(shown(name))' cannot be placed in '\(told)': the store \(shown(store.root)) is there")
    }
    try checkAccess()
  }

  /// Whether something can be written here, or where the directory is to be made.
  private func checkAccess() throws(Failure) {
    var place = path
    while true {
      if access(place, W_OK | X_OK) == 0 { return }
      let above = Files.directory(of: place)
      guard errno == ENOENT, above != place else {
        var failure = Failure.system("write to", place)
        failure.remedy = "choose another directory with -o"
        throw failure
      }
      place = above
    }
  }

  /// Whether names that differ only in case are one here.
  private var ignoresCase: Bool {
    guard let probe = try? PartialOutput.directory(in: path) else { return false }
    let name = probe.path.utf8.dropFirst(path.utf8.count)
    return Files.exists(path + String(decoding: name, as: UTF8.self).uppercased())
  }

  // MARK: What is in it

  private func problem(with name: String, isQuick: Bool) -> [Diagnostic] {
    var info = stat()
    let place = path + "/" + name
    guard lstat(place, &info) == 0 else { return [] }
    let move = "move it away, or choose another directory with -o"
    let told = shown(place)
    switch info.st_mode & S_IFMT {
    case S_IFREG:
      if isForced || isPlaced(name) { return [] }
      return [
        Diagnostic(
          "the file '\(told)' was not placed by an earlier run: it would be lost",
          remedy: "\(move); --force replaces it")
      ]
    case S_IFDIR:
      if isForced { return [] }
      let tree = PlacedTree(at: place, record: record(of: name))
      guard tree.isKnown else {
        return [
          Diagnostic(
            "the directory '\(told)' was not placed by an earlier run: everything in it would be lost",
            remedy: "\(move); --force replaces it and everything in it")
        ]
      }
      if isQuick && tree.looksUnchanged || tree.isUnchanged { return [] }
      return [
        Diagnostic(
          "the directory '\(told)' was changed since it was placed: the changes would be lost",
          remedy: "\(move); --force replaces it and everything in it")
      ]
    default:
      return [
        Diagnostic(
          "'\(told)' is \(kindName(info.st_mode)), which an output never replaces", remedy: move)
      ]
    }
  }

  private var problemWithSums: [Diagnostic] {
    var info = stat()
    let place = path + "/" + OutputNames.sums
    guard lstat(place, &info) == 0 else { return [] }
    let move = "move it away, or choose another directory with -o"
    guard info.st_mode & S_IFMT == S_IFREG else {
      return [
        Diagnostic(
          "'\(shown(place))' is \(kindName(info.st_mode)), which the checksums never replace",
          remedy: move)
      ]
    }
    if isForced || sums.read() != nil { return [] }
    return [
      Diagnostic(
        "the file '\(shown(place))' contains more than checksums: the rest would be lost",
        remedy: "\(move); --force replaces it")
    ]
  }

  private func kindName(_ mode: mode_t) -> String {
    switch mode & S_IFMT {
    case S_IFLNK: "a symbolic link"
    case S_IFDIR: "a directory"
    case S_IFIFO: "a pipe"
    case S_IFSOCK: "a socket"
    default: "a device"
    }
  }

  private func isPlaced(_ name: String) -> Bool {
    hasRecord(name) || sums.read()?.lists(name) ?? false
  }

  // MARK: Checksums

  /// Writes down the digest of an output; what the file says of others stays, as long as they are there.
  ///
  /// The file is written again when enough has come together, and by `writeSums`.
  func setSum(_ name: String, _ digest: Digest) throws(Failure) {
    if sums.set(name, digest) { try writeSums() }
  }

  /// Writes what `setSum` was told and is not in the file yet.
  func writeSums() throws(Failure) {
    guard let text = sums.text else { return }
    let place = path + "/" + OutputNames.sums
    if let problem = problemWithSums.first {
      throw Failure("write", place, cause: problem.problem, remedy: problem.remedy)
    }
    try write(text, as: OutputNames.sums, insteadOf: .anyFile)
    sums.forget()
  }

  /// Writes a small file beside the exports.
  func write(
    _ bytes: [UInt8], as name: String, insteadOf replaceable: Files.Replaceable
  ) throws(Failure) {
    let new = try PartialOutput.file(in: path)
    try new.descriptor.write(bytes)
    try new.place(
      at: path + "/" + name, insteadOf: replaceable, mode: 0o666 & ~Files.userMask)
  }

  // MARK: The store's record of what was placed

  /// What the store remembers of a placed output.
  func object(_ name: String) -> StoreObject {
    let place = resolved(path).map(\.bytes).joined(separator: [UInt8(ascii: "/")])
    return StoreObject(
      .outputs, SHA256.digest([UInt8(ascii: "/")] + Array(place) + Array("/\(name)".utf8)).hex)
  }

  func record(of name: String) -> String? {
    try? Files.readText("\(store.root)/\(object(name).name)")
  }

  private func hasRecord(_ name: String) -> Bool { record(of: name) != nil }

  /// Remembers that an output is here, or about to be; without effect where the store has no room for it.
  func setRecord(_ text: String, of name: String) {
    let object = object(name)
    _ = store.hold(object)
    try? Files.writeAtomically(Array(text.utf8), to: "\(store.root)/\(object.name)")
  }

  // MARK: Turns

  /// Runs `body` while no other run places something here.
  ///
  /// Others can hold a lock on a directory that they can read, so the wait for it is short.
  func inTurn<Result>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    let folder = try FileDescriptor.open(path, O_RDONLY | O_DIRECTORY)
    for _ in 0..<500 {
      if flock(folder.raw, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK { break }
      usleep(10_000)
    }
    return try body()
  }
}

/// The names from the root on, without links, whether the path exists or not.
///
/// A link to what does not exist yet leads there when it does.
func resolved(_ path: String) -> [ByteString] {
  var place = path
  var rest: [ByteString] = []
  // As many links as the kernel follows (path_resolution(7)).
  var links = 40
  while true {
    if let real = realpath(place.utf8.isEmpty ? "." : place, nil) {
      defer { free(real) }
      var names = ByteString(String(cString: real)).names
      for name in rest.reversed() {
        if name == ".." { names = names.dropLast() } else if name != "." { names.append(name) }
      }
      return names
    }
    guard let last = ByteString(place).lastName else { return rest.reversed() }
    let plain = String(
      decoding: place.utf8.reversed().drop { $0 == UInt8(ascii: "/") }.reversed(), as: UTF8.self)
    let above = Files.directory(of: plain)
    if links > 0, let text = try? Files.linkTarget(plain) {
      links -= 1
      place = text.utf8.first == UInt8(ascii: "/") ? text : above + "/" + text
    } else {
      rest.append(last)
      place = above
    }
  }
}

extension [ByteString] {
  /// Whether the path is another one, or a path within it.
  fileprivate func isAt(orBeneath other: [ByteString]) -> Bool { starts(with: other) }
}
