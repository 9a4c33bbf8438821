internal import Compression
package import Model
package import Tar

extension DebArchive {
  /// A file of the package, with its content where it is a regular file.
  package struct File: Sendable, Equatable {
    /// Without a leading `/` or `./`.
    package var path: ByteString
    package var kind: TarEntry.Kind
    package var content: [UInt8]
  }

  /// The fields of its control file (deb-control(5)).
  ///
  /// - Throws: When the package is damaged.
  package func control() throws(Failure) -> Paragraph {
    guard let file = try first(in: "control.tar", where: { path, _ in path == "control" }) else {
      throw damaged("it has no control file")
    }
    let paragraphs = Paragraph.read(String(decoding: file.content, as: UTF8.self))
    guard file.content.count <= Limits.paragraph else {
      throw damaged("its control file is larger than \(ByteSize(bytes: Limits.paragraph))")
    }
    guard let fields = paragraphs.first, paragraphs.count == 1 else {
      throw damaged(
        "its control file has \(counted(paragraphs.count, "paragraph")), and must have one")
    }
    return fields
  }

  /// The first file that it installs and that is wanted, in the order of the archive.
  ///
  /// - Parameter isWanted: Given a path, without a leading `/`, and what the file is.
  /// - Returns: Nil if it installs no such file.
  /// - Throws: When the package is damaged, or the file larger than `Limits.control`.
  package func first(where isWanted: (ByteString, TarEntry.Kind) -> Bool) throws(Failure) -> File? {
    try first(in: Self.dataName, where: isWanted)
  }

  private func first(in stem: ByteString, where isWanted: (ByteString, TarEntry.Kind) -> Bool)
    throws(Failure) -> File?
  {
    guard let member = try members().first(where: { $0.name.hasPrefix(stem) }) else {
      throw damaged("it has no \(stem)")
    }
    let decompressor = try Decompressor(
      try compression(of: member, after: stem), Array(member.content),
      name: "\(name) (\(member.name))"
    ) { () throws(Failure) in [] }
    var archive = TarReader(archive: name) { () throws(Failure) in try decompressor.next() }
    while let entry = try archive.next() {
      let path = try entry.place()
      guard isWanted(path, entry.kind) else { continue }
      guard entry.size <= Limits.control else {
        throw damaged("'\(path)' is larger than \(ByteSize(bytes: Limits.control))")
      }
      var content: [UInt8] = []
      while case .data(let data)? = try archive.content() { content += data }
      return File(path: path, kind: entry.kind, content: content)
    }
    return nil
  }
}
