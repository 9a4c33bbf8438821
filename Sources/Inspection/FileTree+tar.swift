internal import Files
internal import Glibc
internal import Hashing
internal import Layers
internal import Model
internal import Runner
internal import Tar

extension FileTree {
  /// The files of one archive, or of layers that lie over each other as those of a container image do.
  ///
  /// - Parameter archives: Lowest first; compressed by gzip or zstd, or not.
  /// - Throws: When one is damaged.
  init(tar archives: [String]) throws(Failure) {
    var reading = TarReading()
    for (index, path) in archives.enumerated() { try reading.read(path, at: index) }
    let places = reading.places
    listing = Listing(reading.entries.values.map(\.self), files: places)
    contents = { paths, folder throws(Failure) in
      var wanted: [TarReading.Place: [String]] = [:]
      for path in paths { if let place = places[path] { wanted[place, default: []].append(path) } }
      var found: [String: String] = [:]
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

  /// By path.
  var entries: [String: Listing.Entry] = [:]
  var places: [String: Place] = [:]

  mutating func read(_ path: String, at archive: Int) throws(Failure) {
    var reader = try TarReader(layer: path, named: path)
    var own: Set<String> = []
    var number = 0
    while let entry = try reader.next() {
      defer { number += 1 }
      let path = Self.path(entry.path)
      let (folder, name) = Self.split(path)
      // Whiteouts: layer.md of the OCI's image-spec.
      if name == ".wh..wh..opq" {
        removeContent(of: folder, except: own)
      } else if name.hasPrefix(".wh.") {
        let hidden = (folder == "." ? "" : folder + "/") + name.dropFirst(4)
        entries[hidden] = nil
        places[hidden] = nil
        removeContent(of: hidden, except: own)
      } else {
        own.insert(path)
        if case .directory = entry.kind {} else { removeContent(of: path, except: []) }
        try add(entry, as: path, Place(archive: archive, entry: number), &reader)
      }
    }
  }

  private mutating func add(
    _ entry: TarEntry, as path: String, _ place: Place, _ reader: inout TarReader
  ) throws(Failure) {
    let kind: Listing.Kind
    places[path] = nil
    switch entry.kind {
    case .hardLink(let target):
      let name = Self.path(target)
      guard var file = entries[name] else { return }
      file.path = path
      entries[path] = file
      places[path] = places[name]
      return
    case .file:
      kind = .file(size: entry.size, digest: try reader.contentDigest())
      places[path] = place
    case .symbolicLink(let target): kind = .link(target: String(decoding: target, as: UTF8.self))
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
    entries[path] = Listing.Entry(
      path: path, kind: kind, mode: entry.mode, owner: UInt32(truncatingIfNeeded: entry.uid),
      group: UInt32(truncatingIfNeeded: entry.gid),
      modified: Listing.Moment(seconds: entry.mtime, nanoseconds: 0),
      attributes: entry.xattrs.map { ExtendedAttribute(name: $0.name, value: $0.value) }
        .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) })
  }

  private mutating func removeContent(of folder: String, except own: Set<String>) {
    guard case .folder? = entries[folder]?.kind ?? .folder(opaque: false) else { return }
    let start = folder == "." ? "" : folder + "/"
    for path in entries.keys where path.hasPrefix(start) && path != "." && !own.contains(path) {
      entries[path] = nil
      places[path] = nil
    }
  }

  /// Without what says "here" at its begin, and without slashes at its end.
  private static func path(_ bytes: [UInt8]) -> String {
    let parts = bytes.split(separator: UInt8(ascii: "/")).filter { !$0.elementsEqual(".".utf8) }
    return parts.isEmpty
      ? "." : parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
  }

  private static func split(_ path: String) -> (folder: String, name: Substring) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path[...]) }
    return (String(path[..<slash]), path[path.index(after: slash)...])
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
