internal import Hashing
internal import Model
internal import StageContracts

/// A file that a module puts into the tree.
struct PlacedFile {
  var destination: String
  var bytes: [UInt8]
  var mode: FileMode
  var owner: String
  var group: String
  /// Values as setfattr(1) takes them.
  var attributes: [String: String]

  init(
    _ destination: String, _ bytes: [UInt8], mode: FileMode = FileMode(bits: 0o644),
    owner: String = "root", group: String = "root", attributes: [String: String] = [:]
  ) {
    self.attributes = attributes
    self.destination = destination
    self.bytes = bytes
    self.mode = mode
    self.owner = owner
    self.group = group
  }

  init(_ destination: String, _ text: String, mode: UInt32 = 0o644) {
    self.init(destination, Array(text.utf8), mode: FileMode(bits: mode))
  }
}

extension Step {
  /// Puts files into the tree, their contents carried in the manifest, and what else `files` does.
  init(
    placing files: [PlacedFile], remove: [String] = [], directories: [FileCopies.Directory] = [],
    links: [FileCopies.Link] = [], hardLinks: [FileCopies.Link] = []
  ) {
    var digests: [Digest] = []
    var sources: [Digest: Source] = [:]
    let copies = files.map { file in
      let digest = SHA256.digest(file.bytes)
      if sources[digest] == nil { digests.append(digest) }
      sources[digest] = .inline(Source.Inline(name: digest.hex, inline: base64(file.bytes)))
      return FileCopies.File(
        source: digest.hex, destination: file.destination, mode: file.mode, owner: file.owner,
        group: file.group, attributes: file.attributes)
    }
    self.init(
      FileCopies(
        files: copies, remove: remove, directories: directories, links: links,
        hardLinks: hardLinks),
      digests.isEmpty ? [:] : ["files": .sources(digests)])
    self.sources = sources
  }
}
