internal import Files
internal import Glibc
package import Model
internal import Runner
internal import Trees

/// Compares two images, archives or folders, as deep as there are images in images.
package struct ImageComparison {
  private let scratch: Scratch

  /// So deep: a disk in an archive, its partition, its initramfs, and what is in that.
  private static let depthLimit = 6

  package init(in scratch: Scratch) { self.scratch = scratch }

  /// - Parameters:
  ///   - old: The path of one image.
  ///   - new: The path of the other.
  /// - Returns: What differs in their contents; where both are of the same format, also whether the
  ///   format's own bytes do.
  /// - Throws: When one cannot be read, is damaged, or a program that reads it is not installed.
  package func compare(_ old: String, _ new: String) throws(Failure) -> ImageDifference {
    do {
      return ImageDifference(findings: try compare(old, new, at: []))
    } catch { throw scratch.translated(error) }
  }

  private typealias Finding = ImageDifference.Finding

  private func compare(_ old: String, _ new: String, at place: [String]) throws(Failure)
    -> [Finding]
  {
    let kinds = (try ImageKind(of: old), try ImageKind(of: new))
    let areFiles = !kinds.0.isFolder && !kinds.1.isFolder
    if areFiles, try Files.areEqual(old, new) { return [] }
    let findings = try contents(old, kinds.0, new, kinds.1, at: place)
    if findings.isEmpty, areFiles, kinds.0 == kinds.1 {
      return [Finding(place: place, what: .form(try Excerpt(of: old, and: new)))]
    }
    return findings
  }

  private func contents(
    _ old: String, _ oldKind: ImageKind, _ new: String, _ newKind: ImageKind, at place: [String]
  ) throws(Failure) -> [Finding] {
    guard place.count < Self.depthLimit else {
      return [Finding(place: place, what: .bytes(try Excerpt(of: old, and: new)))]
    }
    let (one, other) = (try open(old, oldKind), try open(new, newKind))
    switch (one, other) {
    case (.tree(var one), .tree(var other)):
      (one.name, other.name) = (scratch.name(of: old), scratch.name(of: new))
      return try files(one, other, at: place)
    case (.containers(let one), .containers(let other)):
      return try containers(one, other, at: place)
    case (.disk(let one, let table), .disk(let other, let otherTable)):
      return try disks(one, table, other, otherTable, at: place)
    case (.bytes(let one, let kind), .bytes(let other, let otherKind)) where kind == otherKind:
      return [Finding(place: place, what: .bytes(try Excerpt(of: one, and: other), of: kind))]
    default:
      return [
        Finding(
          place: place, what: .fact(name: "what it is", old: one.name, new: other.name))
      ]
    }
  }

  /// An image as far as one can look into it.
  private enum Opened {
    case tree(FileTree)
    case disk(String, PartitionTable)
    case containers([ContainerImage])
    case bytes(String, ImageKind)

    var name: String {
      switch self {
      case .tree: "files"
      case .disk: "a disk with partitions"
      case .containers: "a container image"
      case .bytes(_, let kind): kind.description
      }
    }
  }

  /// Looks into a file that has so many compressions and formats of disks around it.
  private func open(_ path: String, _ kind: ImageKind, nested: Int = 0) throws(Failure) -> Opened {
    guard nested < Limits.nested else {
      throw Failure(
        "inspect", path,
        cause: "it is compressed more often than the limit of \(Limits.nested) times")
    }
    switch kind {
    case .compressed(let compression):
      let inner = try scratch.decompressed(path, by: compression)
      return try open(inner, try ImageKind(of: inner), nested: nested + 1)
    case .virtualDisk(let format):
      let inner = try scratch.raw(path, format: format)
      return try open(inner, try ImageKind(of: inner), nested: nested + 1)
    case .folder: return .tree(try FileTree(folder: path))
    case .containerImage:
      return .containers(try ContainerImage.all(in: try OCILayout(folder: path)))
    case .tar:
      let tree = try FileTree(tar: [path], areLayers: false)
      guard tree.listing.entries.contains(where: { $0.path == "oci-layout" }) else {
        return .tree(tree)
      }
      return .containers(try ContainerImage.all(in: try OCILayout(tree, in: try scratch.folder())))
    case .cpio: return .tree(try FileTree(cpio: path, in: scratch))
    case .ext: return .tree(try FileTree(ext: path, in: scratch))
    case .disk:
      guard let table = try PartitionTable(of: path, by: scratch) else { return .bytes(path, kind) }
      return .disk(path, table)
    case .squashfs, .erofs, .btrfs, .iso, .vfat, .xfs, .other:
      let tree = try FileTree.extracted(path, kind, into: scratch)
      return tree.map { .tree($0) } ?? .bytes(path, kind)
    }
  }

  /// The files that differ; the first of them are looked into.
  private func files(_ old: FileTree, _ new: FileTree, at place: [String]) throws(Failure)
    -> [Finding]
  {
    let differences = FileDifference.between(old.listing, and: new.listing)
    guard !differences.isEmpty else { return [] }
    let shown = differences.prefix(FileFinding.limit).filter { $0.kinds.contains(.content) }
    let before = try contents(of: shown.map(\.path), in: old)
    let after = try contents(of: shown.map(\.path), in: new)
    var inner: [Finding] = []
    let files = try differences.map { difference throws(Failure) in
      var finding = FileFinding(difference: difference)
      guard let one = before[difference.path], let other = after[difference.path] else {
        return finding
      }
      let kinds = (try ImageKind(of: one), try ImageKind(of: other))
      if kinds.0.hasContents, kinds.0 == kinds.1 {
        inner += try compare(one, other, at: place + ["/" + difference.path.shown])
      } else {
        finding.excerpt = try Excerpt(of: one, and: other)
      }
      return finding
    }
    return [Finding(place: place, what: .files(files))] + inner
  }

  private func contents(of paths: [ByteString], in tree: FileTree) throws(Failure)
    -> [ByteString: String]
  {
    let places = try tree.contents(paths, try scratch.folder())
    for (path, place) in places { scratch.setName(of: place, "/\(path.shown) of \(tree.name)") }
    return places
  }

  private func disks(
    _ old: String, _ oldTable: PartitionTable, _ new: String, _ newTable: PartitionTable,
    at place: [String]
  ) throws(Failure) -> [Finding] {
    let table = place + ["partition table"]
    var findings = facts(oldTable.facts, newTable.facts, at: table)
    let numbers = (oldTable.partitions + newTable.partitions).map(\.number)
    for number in Set(numbers).sorted() {
      let one = oldTable.partitions.first { $0.number == number }
      let other = newTable.partitions.first { $0.number == number }
      let label = (other ?? one)?.facts["name"].map { " (\($0))" } ?? ""
      let name = "partition \(number)\(label)"
      guard let one, let other else {
        findings.append(
          Finding(place: table, what: .fact(name: name, old: one?.words, new: other?.words)))
        continue
      }
      findings += facts(one.facts, other.facts, at: place + [name])
      findings += try compare(
        try scratch.part(of: old, one.range, as: name),
        try scratch.part(of: new, other.range, as: name), at: place + [name])
    }
    if oldTable.gaps == newTable.gaps {
      for gap in oldTable.gaps {
        let name = "bytes \(gap.lowerBound) to \(gap.upperBound - 1)"
        let one = try scratch.part(of: old, gap, as: name)
        let other = try scratch.part(of: new, gap, as: name)
        if try Files.areEqual(one, other) { continue }
        findings.append(
          Finding(
            place: place + [name + ", in no partition"],
            what: .bytes(try Excerpt(of: one, and: other))))
      }
    }
    return findings
  }

  private func containers(
    _ old: [ContainerImage], _ new: [ContainerImage], at place: [String]
  ) throws(Failure) -> [Finding] {
    var findings: [Finding] = []
    let platforms = (old + new).map(\.platform)
    for platform in Set(platforms).sorted() {
      let name = place + (Set(platforms).count > 1 ? [platform] : [])
      let one = old.first { $0.platform == platform }
      let other = new.first { $0.platform == platform }
      guard let one, let other else {
        findings.append(
          Finding(
            place: name,
            what: .fact(
              name: "image for \(platform)", old: one.map { _ in "there" },
              new: other.map { _ in "there" })))
        continue
      }
      for (part, before, after) in [
        ("manifest", one.manifest, other.manifest),
        ("configuration", one.configuration, other.configuration),
      ] {
        let lines = (try ContainerImage.lines(before), try ContainerImage.lines(after))
        guard lines.0 != lines.1 else { continue }
        let (first, second) = (try scratch.place(for: part), try scratch.place(for: part))
        try Files.write(Array(lines.0.utf8), to: first)
        try Files.write(Array(lines.1.utf8), to: second)
        findings.append(
          Finding(place: name + [part], what: .bytes(try Excerpt(of: first, and: second))))
      }
      if one.layerDigests == other.layerDigests { continue }
      findings += try files(
        try FileTree(tar: one.layers, areLayers: true),
        try FileTree(tar: other.layers, areLayers: true), at: name)
    }
    return findings
  }

  private func facts(_ old: [String: String], _ new: [String: String], at place: [String])
    -> [Finding]
  {
    Set(old.keys).union(new.keys).sorted().compactMap { name in
      old[name] == new[name]
        ? nil
        : Finding(place: place, what: .fact(name: name, old: old[name], new: new[name]))
    }
  }
}

extension ImageKind {
  fileprivate var isFolder: Bool { self == .folder || self == .containerImage }

  /// Whether one can look into it.
  fileprivate var hasContents: Bool {
    switch self {
    case .other, .xfs: false
    default: true
    }
  }
}

extension Files {
  /// Whether two files have the same bytes.
  fileprivate static func areEqual(_ one: String, _ other: String) throws(Failure) -> Bool {
    let first = try FileDescriptor.openRegular(one)
    let second = try FileDescriptor.openRegular(other)
    let size = try first.size()
    guard try second.size() == size else { return false }
    var position = 0
    while position < size {
      // Where both have a hole, both have zeros.
      let data = min(
        first.nextData(from: position) ?? size, second.nextData(from: position) ?? size)
      if data >= size { return true }
      let left = try first.read(1 << 18, at: data)
      guard try second.read(1 << 18, at: data) == left, !left.isEmpty else { return false }
      position = data + left.count
    }
    return true
  }
}
