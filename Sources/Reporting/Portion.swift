internal import Files
internal import Glibc
package import Model
internal import Runner
package import Trees

/// What takes up room in a system: packages, or directories, each with the bytes of its files.
package struct Portion: Sendable, Equatable {
  package var name: String
  package var bytes: Int

  package init(_ name: String, _ bytes: Int) {
    self.name = name
    self.bytes = bytes
  }

  /// The largest first, the smallest gathered in one.
  static func largest(_ sizes: [ByteString: Int], count: Int) -> [Portion] {
    let sorted = sizes.filter { $0.value > 0 }.sorted {
      ($1.value, $0.key) < ($0.value, $1.key)
    }
    let rest = sorted.dropFirst(count)
    let sum = ByteCount.sum(of: rest.map(\.value))
    return sorted.prefix(count).map { Portion($0.key.shown, $0.value) }
      + (rest.isEmpty ? [] : [Portion("\(rest.count) others", sum)])
  }

  /// The size of each file, by its path.
  private static func files(of tree: MergedTree) -> [(path: ByteString, size: Int)] {
    tree.items.compactMap { item in
      guard case .file(let size, _) = item.entry.kind else { return nil }
      return (item.entry.path, size)
    }
  }

  /// By directory, two names deep.
  package static func directories(of tree: MergedTree, count: Int) -> [Portion] {
    var sizes: [ByteString: Int] = [:]
    for (path, size) in files(of: tree) {
      let names = path.names.dropLast().prefix(2)
      let folder = names.reduce(ByteString("")) { $0.appending($1) }
      sizes["/" + folder, default: 0] += size
    }
    return largest(sizes, count: count)
  }

  /// By the package that dpkg says a file belongs to.
  ///
  /// - Throws: When a list of dpkg's cannot be read.
  package static func packages(of tree: MergedTree, count: Int) throws(Failure) -> [Portion] {
    var owners: [ByteString: ByteString] = [:]
    let folder: ByteString = "var/lib/dpkg/info/"
    for item in tree.items
    where item.entry.path.hasPrefix(folder) && item.entry.path.hasSuffix(".list") {
      // A system may have anything there: only a file of a package's name is dpkg's list.
      guard case .file = item.entry.kind,
        item.entry.path.bytes.allSatisfy({ (0x21...0x7e).contains($0) })
      else { continue }
      let name = item.entry.path.bytes.dropFirst(folder.bytes.count).dropLast(".list".utf8.count)
      let package = ByteString(name.prefix { $0 != UInt8(ascii: ":") })
      let list = try FileDescriptor.openRegular(tree.path(of: item), O_RDONLY | O_NOFOLLOW)
      for line in try list.readAll(limit: Limits.text, "dpkg's list /\(item.entry.path.shown)")
        .split(separator: UInt8(ascii: "\n"))
      {
        owners[place(ByteString(line.dropFirst()))] = package
      }
    }
    var sizes: [ByteString: Int] = [:]
    for (path, size) in files(of: tree) {
      sizes[owners[path] ?? "files of no package", default: 0] += size
    }
    return largest(sizes, count: count)
  }

  /// Where a path of dpkg's is in a tree whose /bin, /lib and /sbin are links to those in /usr.
  private static func place(_ path: ByteString) -> ByteString {
    guard let first = path.names.first, ["bin", "sbin", "lib", "lib32", "lib64"].contains(first)
    else { return path }
    return ByteString("usr/") + path
  }
}
