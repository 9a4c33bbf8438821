internal import Files
internal import Glibc
internal import Hashing
internal import JSON
package import Model

/// Puts files of finished trees, and whole trees, into a folder for people.
package struct Exporter: Sendable {
  package var store: Store
  /// Where the files go.
  package var folder: String

  package init(store: Store, folder: String) {
    self.store = store
    self.folder = folder
  }

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
    if export.path == "/" { return try placeTree(name, of: layers) }
    guard let layer = try layerWith(export.path, layers) else {
      throw Failure(
        "export", name, cause: "the tree of '\(export.pipeline)' has no file \(export.path)",
        remedy: "a stage of that pipeline must write it")
    }
    let listing = try Files.readText(store.layerPath(layer) + "/listing")
    let own = String(export.path.drop { $0 == "/" })
    guard let file = Listing.file(own, in: listing) else {
      throw Failure(
        "export", name, cause: "\(export.path) of '\(export.pipeline)' is no regular file")
    }
    let output = Output(
      name: name, path: folder + "/" + name, size: file.size, digest: file.digest,
      summed: name)
    let object = try record(of: output.path)
    _ = store.hold(object)
    let record = "\(store.root)/\(object.name)"
    if let facts = facts(of: output), let known = try? Files.readText(record), known == facts {
      return output
    }
    let temporary = "\(folder)/.\(name).\(getpid())"
    do { try copy(store.treePath(layer) + "/" + own, to: temporary, as: output.path) } catch {
      unlink(temporary)
      throw failure(name, error)
    }
    if let facts = facts(of: output) { try? Files.writeAtomically(Array(facts.utf8), to: record) }
    return output
  }

  /// Places a whole tree as a folder, at once, and beside it its listing: `NAME.listing`.
  private func placeTree(_ name: String, of layers: [Digest]) throws(Failure) -> Output {
    let tree = try MergedTree(layers, in: store, as: .tree)
    let output = Output(
      name: name, path: folder + "/" + name, size: tree.size, digest: tree.listing.digest,
      summed: name + ".listing")
    let text = Array(tree.listing.text.utf8)
    let listing = "\(folder)/\(output.summed)"
    if tree.isWritten(at: output.path), (try? Files.read(listing)) == text { return output }
    let temporary = "\(folder)/.\(name).\(getpid())"
    do {
      try Files.removeTree(temporary)
      try tree.write(to: temporary)
      if try Files.exchange(temporary, with: output.path) { try Files.removeTree(temporary) }
      try Files.writeAtomically(text, to: listing)
    } catch {
      try? Files.removeTree(temporary)
      throw failure(name, error)
    }
    return output
  }

  private func failure(_ name: String, _ error: Failure) -> Failure {
    Failure(
      "export", name, cause: error.cause,
      remedy: error.code == ENOSPC ? "make room in \(folder), or choose another with -o" : nil,
      code: error.code)
  }

  private func copy(_ source: String, to temporary: String, as path: String) throws(Failure) {
    unlink(temporary)
    do {
      let file = try FileDescriptor.open(source, O_RDONLY)
      let copy = try FileDescriptor.open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode: 0o644)
      try copy.clone(file)
    }
    try Files.rename(temporary, to: path)
  }

  /// The topmost layer that has a path; nil where the path is not in the tree.
  private func layerWith(_ path: String, _ layers: [Digest]) throws(Failure) -> Digest? {
    let parts = path.split(separator: "/").map(String.init)
    for layer in layers.reversed() {
      var place = store.treePath(layer)
      var isHidden = false
      for (index, part) in parts.enumerated() {
        place += "/" + part
        guard let info = try? Files.information(place) else { break }
        if info.st_mode & S_IFMT == S_IFCHR, info.st_rdev == 0 { return nil }
        if index == parts.count - 1 { return layer }
        guard info.st_mode & S_IFMT == S_IFDIR else { return nil }
        let attributes = try Files.attributes(of: place)
        isHidden = isHidden || attributes.contains(Mount.opaque)
      }
      if isHidden { return nil }
    }
    return nil
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

  private func record(of path: String) throws(Failure) -> StoreObject {
    guard let real = realpath(folder, nil) else { throw .system("find", folder) }
    defer { free(real) }
    let name = String(cString: real) + "/" + (path.split(separator: "/").last ?? "")
    return StoreObject(.outputs, SHA256.digest(Array(name.utf8)).hex)
  }

  /// Writes `SHA256SUMS`, as sha256sum(1) reads it.
  package func writeSums(_ outputs: [Output]) throws(Failure) {
    let lines = outputs.sorted { $0.name < $1.name }.map { "\($0.digest.hex)  \($0.summed)\n" }
    let bytes = Array(lines.joined().utf8)
    let path = folder + "/SHA256SUMS"
    if let there = try? Files.read(path), there == bytes { return }
    try Files.writeAtomically(bytes, to: path)
  }
}
