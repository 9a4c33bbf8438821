internal import Files
internal import Glibc
internal import Hashing
package import Model
internal import Trees

/// Puts files of finished trees, and whole trees, into a directory for people.
package struct Exporter: Sendable {
  package var store: Store
  /// Where the files go.
  package var directory: OutputDirectory
  /// Whether this run has made the directory.
  private var isNew = false

  package init(store: Store, directory: OutputDirectory) {
    self.store = store
    self.directory = directory
  }

  /// Prepares the directory: it is made where it is missing, and what killed runs left in it goes.
  package mutating func begin() throws(Failure) {
    isNew = !Files.exists(folder)
    try Files.makeOutputDirectory(folder)
    PartialOutput.removeLeftovers(in: folder)
  }

  /// Writes what is left to be written when all is placed.
  package func end() throws(Failure) {
    try directory.inTurn { () throws(Failure) in try directory.writeSums() }
  }

  private var folder: String { directory.path }

  /// A file or folder that is in its place.
  package struct Output: Sendable {
    package var name: String
    package var path: String
    /// In bytes; of a folder, those of all its files.
    package var size: Int
    /// Of a folder, that of its listing.
    package var digest: Digest
    /// The file whose digest it is.
    package var summed: String
  }

  /// Places one file, unless it is there already.
  ///
  /// The copy shares the store's blocks where the file system can; it is never the same file, which
  /// people may change.
  ///
  /// - Parameters:
  ///   - name: What the file is called in the folder.
  ///   - export: Where it is in its tree.
  ///   - layers: The tree's, lowest first.
  /// - Returns: The file in its place.
  /// - Throws: When the tree has no such file, or it cannot be copied.
  package func place(_ name: String, _ export: Manifest.Export, of layers: [Digest]) throws(Failure)
    -> Output
  {
    if export.isTree { return try placeTree(name, of: layers) }
    guard let layer = try layerWith(export.path, layers) else {
      throw Failure(
        "export", name, cause: "the tree of '\(export.pipeline)' has no file \(export.path)",
        remedy: "a stage of that pipeline must write it")
    }
    let listing = try store.read(store.layerPath(layer) + "/listing", limit: Limits.listing)
    let own = ByteString(export.path).names.reduce(ByteString("")) { $0.appending($1) }
    guard let file = Listing.file(own, in: listing) else {
      throw Failure(
        "export", name, cause: "\(export.path) of '\(export.pipeline)' is not a regular file",
        remedy: "export the path of a regular file")
    }
    let output = Output(
      name: name, path: folder + "/" + name, size: file.size, digest: file.digest,
      summed: name)
    _ = store.hold(directory.object(name))
    do {
      if let facts = facts(of: output), directory.record(of: name) == facts {
        try directory.inTurn { () throws(Failure) in
          try directory.setSum(output.summed, output.digest)
        }
        return output
      }
      let new = try PartialOutput.file(in: folder)
      try new.descriptor.clone(OpenTree(store.treePath(layer)).place(own).open(O_RDONLY))
      try put(new, output)
    } catch { throw failure(name, error) }
    return output
  }

  /// Gives a file its name, and writes down that it has it.
  private func put(_ new: consuming PartialOutput, _ output: Output) throws(Failure) {
    var new = Optional(new)
    try directory.inTurn { () throws(Failure) in
      guard let file = new.take() else { return }
      let replaceable = try directory.check(output.name)
      // Whoever ends us from here on has a file that the next run knows to be ours.
      directory.setRecord("placing", of: output.name)
      try file.place(
        at: output.path, insteadOf: replaceable, mode: 0o666 & ~Files.userMask)
      if let facts = facts(of: output) { directory.setRecord(facts, of: output.name) }
      try directory.setSum(output.summed, output.digest)
    }
  }

  /// Places a whole tree as a directory, at once, and beside it its listing: `NAME.listing`.
  private func placeTree(_ name: String, of layers: [Digest]) throws(Failure) -> Output {
    let tree = try MergedTree(layers, in: store, as: .tree)
    let output = Output(
      name: name, path: folder + "/" + name, size: tree.size, digest: tree.listing.digest,
      summed: OutputNames.listing(of: name))
    let text = Array(tree.listing.text.utf8)
    do {
      try directory.keepToOwner(name, tree.listing, isNew: isNew)
      if tree.listing.isWritten(at: output.path),
        (try? Files.read("\(folder)/\(output.summed)")) == text
      {
        try directory.inTurn { () throws(Failure) in
          try directory.setSum(output.summed, output.digest)
        }
        return output
      }
      let new = try PartialOutput.directory(in: folder)
      // By the open directory: whoever owns the one above may give its name to another.
      let made = new.inside + "/tree"
      try tree.write(to: made)
      try directory.inTurn { () throws(Failure) in
        let replaceable = try directory.check(name)
        let replaceableListing = try directory.check(output.summed)
        directory.setRecord(output.digest.hex, of: name)
        directory.setRecord("placing", of: output.summed)
        // What was there goes with the directory in the making.
        try Files.put(made, at: output.path, insteadOf: replaceable)
        try directory.write(text, as: output.summed, insteadOf: replaceableListing)
        try directory.setSum(output.summed, output.digest)
      }
      _ = consume new
    } catch { throw failure(name, error) }
    return output
  }

  private func failure(_ name: String, _ error: Failure) -> Failure {
    let room = "make room in \(folder), or choose another directory with -o"
    return Failure(
      "export", name, cause: error.cause, remedy: error.code == ENOSPC ? room : error.remedy,
      code: error.code)
  }

  /// The topmost layer that has a path; nil where the path is not in the tree.
  private func layerWith(_ path: String, _ layers: [Digest]) throws(Failure) -> Digest? {
    let tree = LayerStack(layers.map(store.treePath))
    return try tree.find(ByteString(path)).map { layers[$0.layer] }
  }

  /// What is remembered of a placed file, to know it again without reading it.
  private func facts(of output: Output) -> String? {
    guard let info = try? Files.information(output.path), Int(info.st_size) == output.size else {
      return nil
    }
    return """
      \(output.digest.hex) \(info.st_size) \(info.st_dev) \(info.st_ino) \(info.st_mtim.tv_sec) \
      \(info.st_mtim.tv_nsec) \(info.st_ctim.tv_sec) \(info.st_ctim.tv_nsec)
      """
  }
}
