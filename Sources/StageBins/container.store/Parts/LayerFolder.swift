internal import CLinux
internal import Files
internal import Glibc
internal import Layers
internal import Model
internal import StageKit
internal import Tar

/// The files of one layer, as they lie in a storage: over those of the layers that an overlay mount
/// puts beneath them.
///
/// A layer that removes files of layers beneath cannot have them as they are: the marks that an
/// overlay file system has for that could not be kept in the layers of our own tree. It then has all
/// files of the layers beneath too, as further names of them, but for those that it removes, and
/// nothing is put beneath it.
struct LayerFolder {
  /// What the storage calls the layer.
  let id: String
  let path: String
  /// The folders beneath, the topmost first.
  private(set) var beneath: [LayerFolder]
  /// Paths that are gone, and folders of which nothing beneath is to be seen.
  private var removed: Set<String> = []
  private var opaque: Set<String> = []
  /// Paths that the archive has itself.
  private var own: Set<String> = []

  private static let whiteout = ".wh."
  private static let opaqueWhiteout = ".wh..wh..opq"

  /// - Parameters:
  ///   - id: What the storage calls it.
  ///   - path: An empty folder.
  ///   - beneath: The layer that it lies on.
  init(id: String, path: String, on beneath: LayerFolder?) {
    self.id = id
    self.path = path
    self.beneath = beneath.map { [$0] + $0.beneath } ?? []
  }

  /// Unpacks the layer's archive.
  ///
  /// - Parameters:
  ///   - archive: The archive.
  ///   - record: Takes notice of all of its entries.
  /// - Throws: When an entry cannot be made, or lies outside of the folder.
  mutating func fill(from archive: inout TarReader, _ record: LayerRecord) throws(Failure) {
    // What podman gives the root of an image that says nothing of it.
    guard chmod(path, 0o555) == 0 else { throw .system("set the mode of", path) }
    var files = try ContainerLayers(into: path)
    while let entry = try archive.next() {
      record.note(entry, at: archive.position, isSparse: archive.isSparse)
      let parts = String(decoding: entry.path, as: UTF8.self).split(separator: "/")
        .filter { $0 != "." }.map(String.init)
      guard let last = parts.last, last.hasPrefix(Self.whiteout) else {
        try files.add(entry, &archive)
        own.insert(parts.joined(separator: "/"))
        continue
      }
      let folder = parts.dropLast().joined(separator: "/")
      let target = last.dropFirst(Self.whiteout.utf8.count)
      if last == Self.opaqueWhiteout {
        opaque.insert(folder)
      } else if ["", ".", ".."].contains(target) || target.hasPrefix(Self.whiteout)
        || parts.contains("..")
      {
        throw Failure(
          "unpack", parts.joined(separator: "/"),
          cause: "it is no whiteout that the image specification knows")
      } else {
        removed.insert(folder.isEmpty ? String(target) : "\(folder)/\(target)")
      }
    }
    try archive.finish()
    try files.finish()
    guard !beneath.isEmpty else { return }
    let takesAll = hidesFiles
    try complete("", takingAll: takesAll, seesBeneath: true)
    if takesAll { beneath = [] }
  }

  /// Whether something that it removes is there.
  private var hidesFiles: Bool {
    let paths = removed.union(opaque)
    return paths.contains { path in
      beneath.contains { (try? Files.information("\($0.path)/\(path)")) != nil }
    }
  }

  /// Gives folders of which the archive says nothing what they have beneath, and takes over what is
  /// in them there.
  private func complete(_ folder: String, takingAll: Bool, seesBeneath: Bool) throws(Failure) {
    // What was removed and made anew has nothing of what was there.
    let seesBeneath = seesBeneath && !opaque.contains(folder) && !removed.contains(folder)
    let sources = seesBeneath ? foldersBeneath(folder) : []
    let place = whole(folder)
    var time = try Files.information(place).st_mtim
    if !own.contains(folder), let source = sources.first {
      time = try copyAttributes(of: source, to: place)
    }
    let names = try Files.names(in: place)
    for name in names {
      let path = folder.isEmpty ? name : "\(folder)/\(name)"
      guard try Self.isFolder(whole(path)) else { continue }
      try complete(path, takingAll: takingAll, seesBeneath: seesBeneath)
    }
    if takingAll { try takeOver(sources, to: folder, leavingOut: names) }
    try Self.setTime(of: place, time)
  }

  private func takeOver(_ sources: [String], to folder: String, leavingOut names: [String])
    throws(Failure)
  {
    var isThere = Set(names)
    for source in sources {
      for name in try Files.names(in: source) where isThere.insert(name).inserted {
        let path = folder.isEmpty ? name : "\(folder)/\(name)"
        if removed.contains(path) { continue }
        let place = whole(path)
        if try Self.isFolder("\(source)/\(name)") {
          guard mkdir(place, 0o700) == 0 else { throw .system("make the folder", place) }
          try complete(path, takingAll: true, seesBeneath: true)
        } else {
          guard link("\(source)/\(name)", place) == 0 else { throw .system("link", place) }
        }
      }
    }
  }

  /// The folders that an overlay mount would put beneath a folder of this layer, the topmost first.
  private func foldersBeneath(_ folder: String) -> [String] {
    var found: [String] = []
    let parts = folder.split(separator: "/")
    for layer in beneath {
      var path = layer.path
      var isThere = true
      for part in parts {
        path += "/" + part
        guard let info = try? Files.information(path) else {
          isThere = false
          break
        }
        // What is no folder hides all that is beneath it.
        if info.st_mode & S_IFMT != S_IFDIR { return found }
      }
      if isThere { found.append(path) }
    }
    return found
  }

  private func whole(_ path: String) -> String { path.isEmpty ? self.path : "\(self.path)/\(path)" }

  private static func isFolder(_ path: String) throws(Failure) -> Bool {
    try Files.information(path).st_mode & S_IFMT == S_IFDIR
  }

  /// - Returns: The time of the folder, which is to be set when all is in the other.
  private func copyAttributes(of source: String, to place: String) throws(Failure) -> timespec {
    let info = try Files.information(source)
    guard lchown(place, info.st_uid, info.st_gid) == 0 else {
      throw .system("set the owner of", place)
    }
    guard chmod(place, info.st_mode & 0o7777) == 0 else { throw .system("set the mode of", place) }
    for attribute in try Xattrs.read(Array(source.utf8)) {
      try Files.setAttribute(
        ExtendedAttribute(name: attribute.name, value: attribute.value), of: place)
    }
    return info.st_mtim
  }

  private static func setTime(of place: String, _ time: timespec) throws(Failure) {
    let times = [time, time]
    guard utimensat(AT_FDCWD, place, times, AT_SYMLINK_NOFOLLOW) == 0 else {
      throw .system("set the time of", place)
    }
  }
}
