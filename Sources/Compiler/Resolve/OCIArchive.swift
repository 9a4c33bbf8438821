internal import Files
internal import Glibc
internal import Layers
package import Model
internal import Tar

/// A container image in one file: an OCI layout as a tar archive.
package enum OCIArchive {
  /// Lays it out as a directory.
  ///
  /// skopeo would do that itself, and follow a link among the entries to wherever it leads on this machine.
  ///
  /// - Parameters:
  ///   - path: The archive, which may be compressed by gzip or zstd.
  ///   - name: What it is called in a failure.
  ///   - folder: The directory, which is made.
  /// - Throws: When it cannot be read, or has something else than files and directories.
  package static func unpack(_ path: String, named name: String, to folder: String) throws(Failure)
  {
    var archive = try TarReader(layer: path, named: name)
    try Files.makeDirectories(folder + "/blobs")
    while let entry = try archive.next() {
      let place = try entry.place()
      switch entry.kind {
      case .directory: continue
      case .file:
        // An image has nothing else; whatever else is there, nobody asks for.
        guard let place = place.text, place.fits(layout) else { continue }
        guard place.begins(with: "blobs/") || entry.size <= Limits.document else {
          throw refusal(name, "its entry '\(place)' has more than \(Limits.document >> 20) MiB")
        }
        try write(entry.size, of: &archive, to: "\(folder)/\(place)", place, name)
      case .hardLink, .symbolicLink, .characterDevice, .blockDevice, .fifo:
        throw refusal(name, "its entry '\(place.brief)' is not a regular file")
      }
    }
  }

  /// The files of a layout (OCI image specification, "Image Layout").
  private static let layout = "oci-layout|index\\.json|blobs/[a-z0-9]+/[0-9a-f]{32,128}"

  private static func write(
    _ size: Int, of archive: inout TarReader, to path: String, _ place: String, _ name: String
  ) throws(Failure) {
    try Files.makeDirectories(Files.directory(of: path))
    guard !Files.exists(path) else {
      throw refusal(name, "it has '\(place)' twice")
    }
    let file = try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
    while let piece = try archive.content() {
      switch piece {
      case .data(let bytes): try file.write(Array(bytes))
      case .hole(let count): lseek(file.raw, count, SEEK_CUR)
      }
    }
    guard ftruncate(file.raw, size) == 0 else { throw .system("write", path) }
  }

  private static func refusal(_ name: String, _ cause: String) -> Failure {
    Failure("read", name, cause: cause, remedy: "save the image again as an archive")
  }
}
