internal import Files
internal import Glibc
internal import Model
internal import Runner
internal import Trees

/// The files of an image, an archive or a folder.
struct FileTree {
  var listing: Listing
  /// What has the files, as people know it.
  var name = ""
  /// Puts the content of regular files into an empty folder, as far as it is not in files already.
  ///
  /// Given are paths of the listing; what it returns is where the content of each is.
  var contents: (_ paths: [ByteString], _ folder: String) throws(Failure) -> [ByteString: String]
}

extension FileTree {
  /// The files in a folder.
  init(folder: String) throws(Failure) {
    listing = try Survey(of: folder).listing
    contents = { paths, copies throws(Failure) in
      let tree = try OpenTree(folder)
      var places: [ByteString: String] = [:]
      for (index, path) in paths.enumerated() {
        if let text = path.text {
          places[path] = "\(folder)/\(text)"
          continue
        }
        // Programs that look into it have to be told a name.
        let copy = "\(copies)/\(index)"
        let file = try FileDescriptor.open(copy, O_WRONLY | O_CREAT | O_EXCL)
        try file.clone(tree.place(path).open(O_RDONLY))
        places[path] = copy
      }
      return places
    }
  }

  /// The files of an image that a program of Debian takes out.
  ///
  /// - Parameters:
  ///   - path: The image.
  ///   - kind: What it is.
  ///   - scratch: Where the files go.
  /// - Returns: Nil where no program takes files out of such an image.
  /// - Throws: When the program is not installed, or fails.
  static func extracted(_ path: String, _ kind: ImageKind, into scratch: Scratch) throws(Failure)
    -> FileTree?
  {
    let folder = try scratch.folder()
    switch kind {
    case .squashfs:
      try scratch.run(
        ["unsquashfs", "-quiet", "-no-progress", "-force", "-dest", folder, path],
        from: "squashfs-tools", image: path, folder: folder, setsOwners: true)
    case .erofs:
      try scratch.run(
        ["fsck.erofs", "--preserve", "--extract=\(folder)", "--overwrite", path],
        from: "erofs-utils", image: path, folder: folder, setsOwners: true)
    case .btrfs:
      try scratch.run(
        [
          "btrfs", "restore", "--metadata", "--symlinks", "--xattr", "--snapshots", path, folder,
        ], from: "btrfs-progs", image: path, folder: folder, setsOwners: true)
    case .iso:
      try scratch.run(
        ["xorriso", "-osirrox", "on", "-indev", path, "-extract", "/", folder], from: "xorriso",
        image: path, folder: folder, setsOwners: scratch.canSetOwners)
    case .vfat:
      try scratch.run(
        ["mcopy", "-s", "-m", "-Q", "-n", "-i", path, "::", folder], from: "mtools",
        image: path, folder: folder)
    default: return nil
    }
    var tree = try FileTree(folder: folder)
    if kind == .iso {
      // xorriso gives no times to links and to the root.
      for (index, entry) in tree.listing.entries.enumerated() {
        if case .link = entry.kind {} else if entry.path != "." { continue }
        tree.listing.entries[index].modified = Listing.Moment(seconds: 0, nanoseconds: 0)
      }
    }
    return tree
  }
}
