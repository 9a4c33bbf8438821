internal import ExtRecord
internal import Files
internal import Glibc
internal import Model
internal import Processes
internal import Runner
internal import Trees

extension FileTree {
  /// The files of an ext2, ext3 or ext4 file system, read by a program of ours in a sandbox.
  ///
  /// - Parameters:
  ///   - path: The file that has it.
  ///   - scratch: Where what is taken out of it goes.
  /// - Throws: When it is damaged.
  init(ext path: String, in scratch: Scratch) throws(Failure) {
    var rest = try scratch.readExt(path)[...]
    var entries: [Listing.Entry] = []
    var inodes: [ByteString: Int] = [:]
    // Of those that have several names.
    var links: [ByteString: Int] = [:]
    while !rest.isEmpty {
      guard let file = ExtFile(from: &rest) else {
        throw Failure("read", path, cause: "\(ExtFile.program) did not return a list of files")
      }
      let entry = Listing.Entry(file)
      entries.append(entry)
      inodes[entry.path] = file.inode
      if case .folder = entry.kind {} else if file.links > 1 { links[entry.path] = file.inode }
    }
    listing = Listing(entries, files: links)
    contents = { [inodes] paths, folder throws(Failure) in
      var places: [ByteString: String] = [:]
      var wanted: [Int] = []
      for path in paths {
        guard let inode = inodes[path] else { continue }
        places[path] = "\(folder)/\(places.count)"
        wanted.append(inode)
      }
      _ = try scratch.readExt(path, wanted, to: folder)
      return places
    }
  }
}

extension Listing.Entry {
  fileprivate init(_ file: ExtFile) {
    let mode = UInt32(truncatingIfNeeded: file.mode)
    let kind: Listing.Kind
    switch mode & S_IFMT {
    case S_IFDIR: kind = .folder(opaque: false)
    case S_IFREG:
      kind = .file(
        size: file.size, digest: file.digest ?? Digest(bytes: [UInt8](repeating: 0, count: 32)))
    case S_IFLNK: kind = .link(target: file.target)
    case S_IFBLK, S_IFCHR:
      kind = .device(
        isBlock: mode & S_IFMT == S_IFBLK, major: UInt32(truncatingIfNeeded: file.major),
        minor: UInt32(truncatingIfNeeded: file.minor))
    case S_IFIFO: kind = .pipe
    default: kind = .socket
    }
    self.init(
      path: file.path.place, kind: kind, mode: mode & 0o7777,
      owner: UInt32(truncatingIfNeeded: file.owner), group: UInt32(truncatingIfNeeded: file.group),
      modified: Listing.Moment(seconds: file.seconds, nanoseconds: file.nanoseconds),
      attributes: file.attributes.map { ExtendedAttribute(name: $0.name, value: $0.value) })
  }
}

extension Scratch {
  /// Runs the program that reads ext file systems.
  fileprivate func readExt(_ image: String, _ inodes: [Int] = [], to folder: String? = nil)
    throws(Failure) -> [UInt8]
  {
    let program = try Self.ownProgram(ExtFile.program)
    let request = [try Files.namedPath(image), folder ?? ""] + inodes.map { "\($0)" }
    let outcome = try inSandbox(
      [program], image: image, folder: folder, own: program,
      input: Array(request.map { $0 + "\0" }.joined().utf8))
    if outcome.ending.isSuccess { return outcome.output }
    if let failure = Failure(record: outcome.errors) { throw failure }
    throw failure(of: outcome, [ExtFile.program, image])
  }

  /// A program of ours that is where this one is, or where installed ones keep theirs.
  private static func ownProgram(_ name: String) throws(Failure) -> String {
    let own = try Files.linkTarget("/proc/self/exe").split(separator: "/")
    let folders =
      ["/" + own.dropLast().joined(separator: "/")]
      + ["/" + (own.dropLast(2) + ["libexec", "particle"]).joined(separator: "/")]
    for folder in folders where Files.exists("\(folder)/\(name)") { return "\(folder)/\(name)" }
    throw Failure(
      "find", name, cause: "it is not in \(folders.joined(separator: ", "))",
      remedy: "install particle again, with all its programs")
  }
}
