internal import Files
internal import Glibc
internal import Model
internal import StageKit

/// A tree in parts: the files of Debian packages by the names of the packages, and in the last one
/// all others.
///
/// A package's part follows from its name alone, so that neither other packages nor its size move
/// it.
struct PackageLayers {
  /// The parts that are not empty; each has the folders above its files.
  let walks: [Walk]

  /// Few enough for every storage driver of containers, which have a limit at 127, and for what is
  /// put on top.
  private static let count = 20

  init(_ walk: Walk) throws(Failure) {
    let owners = try Self.owners(in: walk)
    var parts: [[UInt8]: Int] = [:]
    // All names of a file are in one part.
    var first: [ino_t: Int] = [:]
    for entry in walk.entries where !entry.isDirectory {
      var part = owners[entry.path] ?? Self.count
      if entry.information.st_nlink > 1 {
        part = first[entry.information.st_ino] ?? part
        first[entry.information.st_ino] = part
      }
      parts[entry.path] = part
    }
    var folders = [Set<[UInt8]>](repeating: [], count: Self.count + 1)
    for (path, part) in parts {
      var above = path[...]
      while let slash = above.lastIndex(of: UInt8(ascii: "/")) {
        above = above[..<slash]
        if !folders[part].insert(Array(above)).inserted { break }
      }
    }
    // Folders that no file is in are kept by the last part.
    let full = folders.dropLast().reduce(into: Set<[UInt8]>()) { $0.formUnion($1) }
    var walks: [Walk] = []
    for part in 0...Self.count {
      let own = walk.keeping { entry in
        if !entry.isDirectory { return parts[entry.path] == part }
        return folders[part].contains(entry.path)
          || (part == Self.count && !full.contains(entry.path))
      }
      if !own.entries.isEmpty { walks.append(own) }
    }
    self.walks = walks
  }

  /// The part of each path that a package has, by dpkg's own lists.
  private static func owners(in walk: Walk) throws(Failure) -> [[UInt8]: Int] {
    let root = String(decoding: walk.root, as: UTF8.self)
    let folder = root + "/var/lib/dpkg/info"
    guard let info = try? Files.information(folder), info.st_mode & S_IFMT == S_IFDIR else {
      return [:]
    }
    let merged = mergedFolders(in: walk)
    var owners: [[UInt8]: Int] = [:]
    for name in try Files.entries(in: folder).compactMap(\.text) where name.hasSuffix(".list") {
      // A system may have anything there: only a regular file is a list.
      guard try Files.information("\(folder)/\(name)").st_mode & S_IFMT == S_IFREG else { continue }
      // `libc6:amd64.list`: the architecture is not part of the name.
      let package = name.dropLast(".list".count).prefix { $0 != ":" }
      let part = number(of: package)
      for line in try Files.read("\(folder)/\(name)").split(separator: UInt8(ascii: "\n")) {
        var path = Array(line.drop { $0 == UInt8(ascii: "/") })
        let top = path.prefix { $0 != UInt8(ascii: "/") }
        if merged.contains(Array(top)) { path = Array("usr/".utf8) + path }
        if owners[path] == nil { owners[path] = part }
      }
    }
    return owners
  }

  /// The folders at the root that are links to those below `/usr`; packages may use both names.
  private static func mergedFolders(in walk: Walk) -> Set<[UInt8]> {
    let links = walk.entries.filter { entry in
      !entry.path.contains(UInt8(ascii: "/")) && entry.information.st_mode & S_IFMT == S_IFLNK
    }
    return Set(links.map(\.path))
  }

  /// A number that follows from a name, by the hash FNV-1a (32 bits).
  private static func number(of package: Substring) -> Int {
    let hash = package.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
    return Int(hash) % count
  }
}
