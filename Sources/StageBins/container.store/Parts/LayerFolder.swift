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
  private var removed: Set<ByteString> = []
  private var opaque: Set<ByteString> = []
  /// Paths that the archive has itself.
  private var own: Set<ByteString> = []

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
      switch try LayerChange(entry) {
      case .file(let path):
        try files.add(entry, &archive)
        own.insert(path)
      case .whiteout(let path): removed.insert(path)
      case .opaque(let folder): opaque.insert(folder)
      }
    }
    try archive.finish()
    try files.finish()
    guard !beneath.isEmpty else { return }
    let takesAll = hidesFiles
    try complete(takingAll: takesAll)
    if takesAll { beneath = [] }
  }

  /// Whether something that it removes is there.
  private var hidesFiles: Bool {
    removed.union(opaque).contains { path in
      beneath.contains { $0.whole(path).information != nil }
    }
  }

  /// Gives folders of which the archive says nothing what they have beneath, and takes over what is
  /// in them there.
  private func complete(takingAll: Bool) throws(Failure) {
    var waiting: [(folder: ByteString, seesBeneath: Bool)] = [("", true)]
    // What is put into a folder changes its time, so those are set at the end.
    var times: [(place: ByteString, time: timespec)] = []
    while let (folder, seesAbove) = waiting.popLast() {
      // What was removed and made anew has nothing of what was there.
      let seesBeneath = seesAbove && !opaque.contains(folder) && !removed.contains(folder)
      let sources = seesBeneath ? foldersBeneath(folder) : []
      let place = whole(folder)
      var time = try place.known().st_mtim
      if !own.contains(folder), let source = sources.first {
        time = try copyAttributes(of: source, to: place)
      }
      times.append((place, time))
      let names = try place.names()
      for name in names where try place.appending(name).isFolder() {
        waiting.append((folder.appending(name), seesBeneath))
      }
      guard takingAll else { continue }
      for path in try takeOver(sources, to: folder, leavingOut: names) {
        waiting.append((path, true))
      }
    }
    for (place, time) in times.reversed() {
      let both = [time, time]
      guard withCPath(place, { utimensat(AT_FDCWD, $0, both, AT_SYMLINK_NOFOLLOW) }) == 0 else {
        throw .system("set the time of", place.brief)
      }
    }
  }

  /// - Returns: The folders that were made for it, which are empty.
  private func takeOver(
    _ sources: [ByteString], to folder: ByteString, leavingOut names: [ByteString]
  ) throws(Failure) -> [ByteString] {
    var isThere = Set(names)
    var made: [ByteString] = []
    for source in sources {
      for name in try source.names() where isThere.insert(name).inserted {
        let path = folder.appending(name)
        if removed.contains(path) { continue }
        let place = whole(path)
        let original = source.appending(name)
        if try original.isFolder() {
          guard withCPath(place, { mkdir($0, 0o700) }) == 0 else {
            throw .system("create the directory", place.brief)
          }
          made.append(path)
        } else {
          let code = withCPath(original) { original in withCPath(place) { link(original, $0) } }
          guard code == 0 else { throw .system("link", place.brief) }
        }
      }
    }
    return made
  }

  /// The folders that an overlay mount would put beneath a folder of this layer, the topmost first.
  private func foldersBeneath(_ folder: ByteString) -> [ByteString] {
    var found: [ByteString] = []
    for layer in beneath {
      var path = ByteString(layer.path)
      var isThere = true
      for name in folder.names {
        path = path.appending(name)
        guard let info = path.information else {
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

  private func whole(_ path: ByteString) -> ByteString {
    path.isEmpty ? ByteString(self.path) : ByteString(self.path).appending(path)
  }

  /// - Returns: The time of the folder, which is to be set when all is in the other.
  private func copyAttributes(of source: ByteString, to place: ByteString) throws(Failure)
    -> timespec
  {
    let info = try source.known()
    guard withCPath(place, { lchown($0, info.st_uid, info.st_gid) }) == 0 else {
      throw .system("set the owner of", place.brief)
    }
    guard withCPath(place, { chmod($0, info.st_mode & 0o7777) }) == 0 else {
      throw .system("set the mode of", place.brief)
    }
    try Xattrs.set(try Xattrs.read(source.bytes), at: place.bytes, place.brief)
    return info.st_mtim
  }
}

/// Paths as the kernel takes them.
extension ByteString {
  fileprivate var information: stat? {
    var info = stat()
    return withCPath(self, { lstat($0, &info) }) == 0 ? info : nil
  }

  fileprivate func known() throws(Failure) -> stat {
    guard let information else { throw .system("inspect", brief) }
    return information
  }

  fileprivate func isFolder() throws(Failure) -> Bool { try known().st_mode & S_IFMT == S_IFDIR }

  /// The names in this folder, sorted.
  fileprivate func names() throws(Failure) -> [ByteString] {
    let raw = withCPath(self) { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard raw >= 0 else { throw .system("list", brief) }
    let folder = FileDescriptor(owning: raw)
    return try Files.entries(ofOpen: folder.raw, brief).map(\.name)
  }
}
