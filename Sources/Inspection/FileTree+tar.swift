internal import Files
internal import Glibc
internal import Hashing
internal import Layers
internal import Model
internal import Runner
internal import Tar
internal import Trees

extension FileTree {
  /// The files of one archive, or of layers that lie over each other as those of a container image do.
  ///
  /// - Parameters:
  ///   - archives: Lowest first; compressed by gzip or zstd, or not.
  ///   - areLayers: Whether names that begin with `.wh.` remove others.
  /// - Throws: When one is damaged.
  init(tar archives: [String], areLayers: Bool) throws(Failure) {
    var reading = TarReading(areLayers: areLayers)
    for (index, path) in archives.enumerated() { try reading.read(path, at: index) }
    var places: [ByteString: TarReading.Place] = [:]
    var entries: [Listing.Entry] = []
    for (path, file) in reading.files.values {
      entries.append(file.entry)
      if let place = file.place { places[path.isEmpty ? "." : path] = place }
    }
    listing = Listing(entries, files: places)
    contents = { paths, folder throws(Failure) in
      var wanted: [TarReading.Place: [ByteString]] = [:]
      for path in paths { if let place = places[path] { wanted[place, default: []].append(path) } }
      var found: [ByteString: String] = [:]
      for (index, path) in archives.enumerated()
      where wanted.keys.contains(where: { $0.archive == index }) {
        var reader = try TarReader(layer: path, named: path)
        var number = 0
        while try reader.next() != nil {
          defer { number += 1 }
          let origin = TarReading.Place(archive: index, entry: number)
          guard let paths = wanted[origin] else { continue }
          let place = "\(folder)/\(found.count)"
          try reader.writeContent(to: place)
          for path in paths { found[path] = place }
        }
      }
      return found
    }
  }
}

/// Puts archives over each other.
private struct TarReading {
  /// Where the content of a file is; further names of it have the same.
  struct Place: Hashable {
    var archive: Int
    var entry: Int
  }

  struct File {
    var entry: Listing.Entry
    /// Of a regular file.
    var place: Place?
  }

  let areLayers: Bool
  var files = PathTree<File>()

  init(areLayers: Bool) { self.areLayers = areLayers }

  mutating func read(_ path: String, at archive: Int) throws(Failure) {
    var reader = try TarReader(layer: path, named: path)
    // What this one has, and what it has hidden already of those beneath.
    var own: Set<ByteString> = []
    var hidden: Set<ByteString> = []
    var number = 0
    while let entry = try reader.next() {
      defer { number += 1 }
      guard number < Limits.entries else {
        throw Failure(
          "read", path,
          cause: "it has more files than the limit of \(Limits.entries) for an archive"
        )
      }
      switch areLayers ? try LayerChange(entry) : .file(try entry.place()) {
      case .opaque(let folder):
        if hidden.insert(folder.appending(".")).inserted {
          files.remove(folder, withItself: false, but: own)
        }
      case .whiteout(let path):
        if hidden.insert(path).inserted { files.remove(path, withItself: true, but: own) }
      case .file(let path):
        own.insert(path)
        if case .directory = entry.kind {} else { files.remove(path, withItself: true, but: []) }
        try add(entry, as: path, Place(archive: archive, entry: number), &reader)
      }
    }
  }

  private mutating func add(
    _ entry: TarEntry, as path: ByteString, _ place: Place, _ reader: inout TarReader
  ) throws(Failure) {
    let kind: Listing.Kind
    var content: Place?
    let listed = path.isEmpty ? "." : path
    switch entry.kind {
    case .hardLink(let target):
      guard var file = files[try TarEntry.place(target)] else { return }
      file.entry.path = listed
      files.set(path, to: file)
      return
    case .file:
      kind = .file(size: entry.size, digest: try reader.contentDigest())
      content = place
    case .symbolicLink(let target): kind = .link(target: target)
    case .directory: kind = .folder(opaque: false)
    case .characterDevice(let major, let minor):
      kind = .device(
        isBlock: false, major: UInt32(truncatingIfNeeded: major),
        minor: UInt32(truncatingIfNeeded: minor))
    case .blockDevice(let major, let minor):
      kind = .device(
        isBlock: true, major: UInt32(truncatingIfNeeded: major),
        minor: UInt32(truncatingIfNeeded: minor))
    case .fifo: kind = .pipe
    }
    let attributes = entry.xattrs.sorted { $0.name < $1.name }
    files.set(
      path,
      to: File(
        entry: Listing.Entry(
          path: listed, kind: kind, mode: entry.mode, owner: UInt32(truncatingIfNeeded: entry.uid),
          group: UInt32(truncatingIfNeeded: entry.gid),
          modified: Listing.Moment(seconds: entry.mtime, nanoseconds: 0),
          attributes: attributes.map { ExtendedAttribute(name: $0.name, value: $0.value) }),
        place: content))
  }
}

extension TarReader {
  /// The digest of the content of the entry that `next` gave last.
  fileprivate mutating func contentDigest() throws(Failure) -> Digest {
    let hash = SHA256()
    let zeros = [UInt8](repeating: 0, count: 1 << 16)
    while let piece = try content() {
      switch piece {
      case .data(let bytes): bytes.withUnsafeBytes { hash.update($0) }
      case .hole(var left):
        while left > 0 {
          let count = min(left, zeros.count)
          zeros.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
          left -= count
        }
      }
    }
    return hash.finish()
  }

  /// Writes it to a new file.
  fileprivate mutating func writeContent(to path: String) throws(Failure) {
    let file = try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_EXCL)
    var size = 0
    while let piece = try content() {
      switch piece {
      case .data(let bytes):
        try file.write(Array(bytes), at: size)
        size += bytes.count
      case .hole(let count): size += count
      }
    }
    try file.setSize(size)
  }
}
