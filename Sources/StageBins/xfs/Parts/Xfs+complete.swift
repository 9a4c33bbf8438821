internal import Model
internal import Processes
internal import StageContracts
internal import StageKit

extension Xfs {
  /// Adds to a new file system what its prototype could not say: some names of files, sticky bits
  /// and times.
  func complete(
    _ image: String, _ prototype: Prototype, epoch: Timestamp, _ clock: [String: String?]
  ) throws(Failure) {
    try rename(image, prototype, clock)
    try addLinks(image, prototype, clock)
    var commands = ""
    for (path, mode) in prototype.sticky {
      commands += "path \(try Self.word(path))\nwrite core.mode 0\(String(mode, radix: 8))\n"
    }
    // A file with a space in its path keeps the epoch.
    for (path, seconds) in prototype.times where seconds != epoch.seconds && Self.isWord(path) {
      // Nanoseconds since the least time there is, 2^31 seconds before 1970 (struct xfs_timestamp).
      let nanoseconds = (seconds + 1 << 31) * 1_000_000_000
      commands += "path /\(Prototype.text(path))\nwrite core.mtime.sec \(nanoseconds)\n"
    }
    if commands.isEmpty { return }
    _ = try database(image, commands, clock)
  }

  private func rename(_ image: String, _ prototype: Prototype, _ clock: [String: String?])
    throws(Failure)
  {
    if prototype.renames.isEmpty { return }
    var commands = ""
    for (folder, from, to) in prototype.renames {
      let place = try Self.word(folder)
      let name = try Self.word(to, isPath: false)
      commands += "path \(place)\nlink -p \(place == "/" ? "" : place)/\(from) \(name)\n"
      commands += "unlink \(from)\n"
    }
    _ = try database(image, commands, clock)
  }

  private func addLinks(_ image: String, _ prototype: Prototype, _ clock: [String: String?])
    throws(Failure)
  {
    if prototype.links.isEmpty { return }
    let questions = try prototype.links.map { (link) throws(Failure) in
      "path \(try Self.word(link.first))\ninode\n"
    }
    let answer = "current inode number is "
    let numbers = try database(image, questions.joined(), clock).split(separator: "\n")
      .filter { $0.hasPrefix(answer) }.compactMap { Int($0.dropFirst(answer.count)) }
    guard numbers.count == prototype.links.count else {
      throw Failure(
        "link", "files", cause: "xfs_db found \(numbers.count) of \(prototype.links.count) files")
    }
    var commands = ""
    for (link, number) in zip(prototype.links, numbers) {
      commands += "path \(try Self.word(link.folder))\n"
      commands += "link -i \(number) \(try Self.word(link.name, isPath: false))\n"
    }
    _ = try database(image, commands, clock)
  }

  /// Runs commands of xfs_db, whose exit status is 0 whatever happens.
  ///
  /// - Returns: What it answered; anything else it says is taken for a complaint.
  private func database(_ image: String, _ commands: String, _ clock: [String: String?])
    throws(Failure) -> String
  {
    let outcome = try Command(["xfs_db", "-x", image], input: Array(commands.utf8))
      .with(environment: clock).run()
    let complaints = outcome.errorText.split(separator: "\n")
    let lines = outcome.text.split(separator: "\n").filter { line in
      !["core.mode = ", "core.mtime.sec = ", "current inode number is "].contains {
        line.hasPrefix($0)
      }
    }
    guard outcome.ending.isSuccess, complaints.isEmpty, lines.isEmpty else {
      throw Failure(
        "complete", "an XFS file system",
        cause: (complaints + lines).prefix(5).joined(separator: "\n"))
    }
    return outcome.text
  }

  /// A path from the file system's root, or a name, as a word of xfs_db's command line, which knows
  /// no quotes.
  private static func word(_ path: [UInt8], isPath: Bool = true) throws(Failure) -> String {
    let text = (isPath ? "/" : "") + Prototype.text(path)
    guard isWord(path) else {
      throw Failure(
        "write the file", text,
        cause: "xfs_db cannot add a hard link, a sticky bit or a name that begins with ':' to a"
          + " file with a space in its path",
        remedy: "remove it in a script module, or use ext4")
    }
    return text
  }

  private static func isWord(_ path: [UInt8]) -> Bool { !path.contains { $0 <= 0x20 } }
}
