internal import Compression
internal import Files
internal import Glibc
internal import Layers
internal import Model
internal import StageContracts
internal import StageKit
internal import Tar

/// A storage of containers/storage with the driver overlay, being written.
///
/// What podman makes up at random follows from digests here, and its times are the epoch.
struct Storage: ~Copyable {
  private let tree: Tree
  private let path: String
  private let epoch: Timestamp

  /// A document of an image.
  struct Datum {
    var name: String
    var digest: Digest

    init(_ name: String, _ digest: Digest) {
      self.name = name
      self.digest = digest
    }

    /// Names that are no plain file names are kept in Base64.
    fileprivate var file: String {
      let isPlain = name.utf8.allSatisfy { byte in
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
      }
      return isPlain ? name : "=" + base64(Array(name.utf8))
    }
  }

  /// - Parameters:
  ///   - tree: The tree.
  ///   - path: Where the storage is to be, a folder that is not there.
  ///   - epoch: When it is made.
  /// - Throws: When it cannot be made.
  init(in tree: borrowing Tree, at path: String, epoch: Timestamp) throws(Failure) {
    for folder in ["overlay/l", "overlay-images", "overlay-layers"] {
      try tree.makeDirectories("\(path)/\(folder)")
    }
    self.tree = try Tree(root: tree.root)
    self.path = path
    self.epoch = epoch
  }

  /// Adds a layer.
  ///
  /// - Parameters:
  ///   - layer: The layer.
  ///   - id: What it is to be called.
  ///   - below: The layer beneath it, added before.
  ///   - file: Its blob.
  ///   - name: What it is called in a failure.
  /// - Returns: Its files, and what `layers.json` says of it.
  /// - Throws: When it is damaged, or not what the image's configuration says.
  func add(
    _ layer: ContainerStore.Layer, id: String, on below: LayerFolder?, from file: String,
    named name: String
  ) throws(Failure) -> (LayerFolder, Node) {
    let home = "\(path)/overlay/\(id)"
    try tree.makeDirectories("\(home)/diff")
    var folder = LayerFolder(id: id, path: tree.outside("\(home)/diff"), on: below)
    let record = LayerRecord()
    var archive = try TarReader(layer: file, named: name) { record.see($0) }
    try folder.fill(from: &archive, record)
    let (digest, split) = record.finish()
    guard digest == layer.archive else {
      throw Failure(
        "use", name,
        cause: "its checksum is \(digest), but the image's configuration says \(layer.archive)",
        remedy: "build the image or fetch it again")
    }
    try tree.write("\(home)/link", Self.link(of: id))
    try tree.link("\(path)/overlay/l/\(Self.link(of: id))", to: "../\(id)/diff")
    if !folder.beneath.isEmpty {
      let links = folder.beneath.map { "l/" + Self.link(of: $0.id) }
      try tree.write("\(home)/lower", links.joined(separator: ":"))
    }
    if let split { try tree.write("\(path)/overlay-layers/\(id).tar-split.gz", split) }
    let blob = try FileDescriptor.open(file, O_RDONLY)
    var members: [(String, Node)] = [
      ("id", .string(id)), ("created", .string("\(epoch)")),
      ("compressed-diff-digest", .string("\(layer.blob)")),
      ("compressed-size", .integer(try blob.size())),
      ("diff-digest", .string("\(layer.archive)")), ("diff-size", .integer(record.size)),
      ("uidset", .list(record.owners.sorted().map(Node.integer))),
      ("gidset", .list(record.groups.sorted().map(Node.integer))),
    ]
    if let below { members.append(("parent", .string(below.id))) }
    // The numbers of containers/storage's package archive.
    switch Compression(of: try blob.read(4, at: 0)) {
    case .gzip: members.append(("compression", .integer(2)))
    case .zstd: members.append(("compression", .integer(4)))
    default: break
    }
    return (folder, .object(members))
  }

  /// Adds documents of an image.
  ///
  /// - Returns: Their sizes.
  func add(_ data: [Datum], to image: String, from blobs: String) throws(Failure) -> [Int] {
    var sizes: [Int] = []
    for datum in data {
      let bytes = try Files.read("\(blobs)/\(datum.digest.hex)")
      try tree.write("\(path)/overlay-images/\(image)/\(datum.file)", bytes)
      sizes.append(bytes.count)
    }
    return sizes
  }

  /// Writes the lists of all layers, those beneath others first, and all images.
  func finish(_ layers: [Node], _ images: [Node]) throws(Failure) {
    for (name, nodes) in [("layers", layers), ("images", images)] {
      try tree.write("\(path)/overlay-\(name)/\(name).json", Node.list(nodes).canonicalBytes)
      // Whoever reads locks it, and cannot make it.
      try tree.write("\(path)/overlay-\(name)/\(name).lock", "")
    }
  }

  /// The short name that mounts call a layer by, as long as those that podman makes up: the first 16
  /// bytes of its id in Base32 (RFC 4648, section 6), without padding.
  private static func link(of id: String) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    var name = ""
    var (bits, count) = (0, 0)
    for digit in id.prefix(32) {
      bits = bits << 4 | (digit.hexDigitValue ?? 0)
      count += 4
      guard count >= 5 else { continue }
      count -= 5
      name.append(alphabet[bits >> count & 31])
      bits &= 1 << count - 1
    }
    name.append(alphabet[bits << (5 - count) & 31])
    return name
  }
}
