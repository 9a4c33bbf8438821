internal import Files
internal import Glibc
internal import Model
internal import Runner
internal import Trees

/// The files of a layout of OCI images: a folder's, or those of an archive.
struct OCILayout {
  /// What it is called in a failure.
  let name: String
  /// Where each file is, by its path in the layout.
  private let find: (String) throws(Failure) -> String

  /// The layout in a folder.
  init(folder: String) throws(Failure) {
    name = folder
    find = { path throws(Failure) in
      // A link could lead to any file of the host, whose text would be shown.
      var place = folder
      let names = path.split(separator: "/")
      for (index, name) in names.enumerated() {
        place += "/" + name
        let kind = try Files.information(place).st_mode & S_IFMT
        guard kind == (index == names.count - 1 ? S_IFREG : S_IFDIR) else {
          throw Failure(
            "read", place, cause: "in an OCI layout it must be a regular file in real directories",
            remedy: "copy the image again: skopeo copy oci:… oci:…")
        }
      }
      return place
    }
  }

  /// The layout that is the files of an archive, which go to an empty folder.
  init(_ tree: FileTree, in folder: String) throws(Failure) {
    name = tree.name
    let paths = tree.listing.entries.compactMap { entry -> ByteString? in
      guard case .file = entry.kind else { return nil }
      return entry.path
    }
    let places = try tree.contents(paths, folder)
    find = { path throws(Failure) in
      guard let place = places[ByteString(path)] else {
        throw Failure(
          "read", path, cause: "the archive does not contain it as a regular file",
          remedy: "copy the image again: skopeo copy oci-archive:… oci-archive:…")
      }
      return place
    }
  }

  func file(_ path: String) throws(Failure) -> String { try find(path) }

  /// Where the part of this digest is.
  func blob(_ digest: String) throws(Failure) -> String {
    try find("blobs/" + digest.split(separator: ":").joined(separator: "/"))
  }

  /// Whether a text is the name of an algorithm and a digest by it, of which neither leads to another folder.
  static func isDigest(_ text: String) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    return parts.count == 2
      && parts.allSatisfy { part in
        (1...Limits.name).contains(part.count)
          && part.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
              || (0x61...0x7a).contains(byte)
          }
      }
  }
}
