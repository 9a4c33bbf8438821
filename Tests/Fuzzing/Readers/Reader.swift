internal import Compiler
internal import Compression
internal import Deb
internal import DiskFormats
internal import ExtRecord
internal import ExtWalking
internal import Files
internal import Glibc
internal import Inspection
internal import Model
internal import Runner
internal import Tar
internal import Trees

/// What reads bytes that others made.
///
/// Whatever they are, it gives a value or a refusal; all else is a defect.
package enum Reader: String, Sendable, CaseIterable {
  case recipe, manifest, listing, apt, oci, tar, compressed, deb, cpio, ext, partitions, disk

  /// Reads bytes, and leaves nothing.
  package func read(_ bytes: [UInt8]) {
    do {
      switch self {
      case .recipe: try readRecipe(bytes)
      case .manifest: try readManifest(bytes)
      case .listing: readListing(bytes)
      case .apt: ForeignAnswers.apt(bytes)
      case .oci: try readLayout(bytes)
      case .tar: try readTar(bytes)
      case .compressed: try decompress(bytes)
      case .deb: try readPackage(bytes)
      case .cpio: try withFile(bytes) { (path) throws(Failure) in try ForeignBytes.cpio(path) }
      case .ext: try readExt(bytes)
      case .partitions: try ForeignBytes.partitions(bytes, size: 4 << 20)
      case .disk:
        let file = try FileDescriptor.inMemory(bytes)
        try DiskFormat(of: file)?.refuseReferences(of: file, "a disk")
      }
    } catch let failure as Failure {
      precondition(!failure.cause.isEmpty, "refused without a reason")
    } catch let refusal as Refusal {
      precondition(!refusal.diagnostics.isEmpty, "refused without a reason")
    } catch {
      preconditionFailure("an error of neither kind: \(error)")
    }
  }

  private func readRecipe(_ text: [UInt8]) throws {
    try withFile(text, ending: ".yml") { path in
      do throws(Refusal) { _ = try Recipe.read(path, for: "amd64") } catch {
        _ = Compiler.Report(colour: false).text(error.diagnostics) { try? Files.readText($0) }
        throw error
      }
    }
  }

  private func readManifest(_ text: [UInt8]) throws {
    let manifest = try Manifest.read(text, file: "manifest.json")
    _ = try Plan(manifest, exports: [])
    let written = Manifest.schema.encode(manifest).canonicalBytes
    let again = try Manifest.read(written, file: "again.json")
    precondition(Manifest.schema.encode(again).canonicalBytes == written, "it changes")
  }

  private func readListing(_ bytes: [UInt8]) {
    _ = Listing.file("etc/passwd", in: bytes)
    guard let listing = Listing(text: bytes) else { return }
    precondition(Listing(text: listing.text)?.text == listing.text, "it changes")
  }

  private func readTar(_ bytes: [UInt8]) throws(Failure) {
    var reader = TarReader(bytes, archive: "an archive")
    while let entry = try reader.next() {
      _ = try? LayerChange(entry)
      // A hole of any size is one piece.
      while try reader.content() != nil {}
    }
    try reader.finish()
  }

  private func readPackage(_ bytes: [UInt8]) throws(Failure) {
    try readTar(try DebArchive(bytes, name: "a package").expanded().data)
  }

  /// The first byte says by what.
  private func decompress(_ bytes: [UInt8]) throws(Failure) {
    guard let first = bytes.first else { return }
    let kinds = Compression.allCases
    _ = try kinds[Int(first) % kinds.count].decompress(
      bytes.dropFirst(), name: "a file", limit: 1 << 24)
  }

  private func readExt(_ bytes: [UInt8]) throws {
    var list = bytes[...]
    _ = ExtFile(from: &list)
    try withFile(bytes) { path in
      var walk = try ExtWalk(path)
      try walk.forEachFile { (file) throws(Failure) in
        var own = file.bytes[...]
        precondition(ExtFile(from: &own) == file && own.isEmpty, "it changes")
      }
    }
  }

  /// One text is all documents of a layout.
  private func readLayout(_ bytes: [UInt8]) throws {
    ForeignAnswers.imageManifest(bytes)
    let folder = "/dev/shm/particle-fuzz-\(getpid())-layout"
    let blob = "\(folder)/blobs/sha256/" + String(repeating: "0", count: 64)
    try Files.makeDirectories("\(folder)/blobs/sha256")
    try Files.write(bytes, to: "\(folder)/index.json")
    try Files.write(bytes, to: blob)
    try ForeignBytes.containerImages(in: folder)
  }

  private func withFile(_ bytes: [UInt8], ending: String = "", _ body: (String) throws -> Void)
    throws
  {
    let path = "/dev/shm/particle-fuzz-\(getpid())-\(rawValue)\(ending)"
    try Files.write(bytes, to: path)
    try body(path)
  }
}
