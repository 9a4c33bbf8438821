internal import CLinux
internal import Files
internal import Glibc
package import Model
package import Tar

/// Extended attributes of files, by path.
package enum Xattrs {
  /// All that belong to the tree: not those by which the host's overlayfs and its security module
  /// keep their own state.
  package static func read(_ path: [UInt8]) throws(Failure) -> [TarEntry.Xattr] {
    var names = [CChar](repeating: 0, count: 4096)
    let count = withCPath(path) { particle_list_xattrs($0, &names, UInt(names.count)) }
    if count < 0, errno == ENOTSUP { return [] }
    guard count >= 0 else { throw .system("list the attributes of", text(path)) }
    var attributes: [TarEntry.Xattr] = []
    for name in names[..<count].split(separator: 0) {
      let name = String(decoding: name.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      if foreign.contains(where: name.hasPrefix) { continue }
      var value = [UInt8](repeating: 0, count: 1 << 16)
      let size = withCPath(path) { particle_get_xattr($0, name, &value, UInt(value.count)) }
      guard size >= 0 else { throw .system("read the attribute \(name) of", text(path)) }
      attributes.append(TarEntry.Xattr(name: name, value: Array(value[..<size])))
    }
    return attributes
  }

  /// Gives a file these attributes, but for those that do not belong to a tree.
  ///
  /// - Parameters:
  ///   - attributes: Their names and values.
  ///   - place: The file, by a path that this process can use.
  ///   - path: What the file is called in a failure.
  /// - Throws: When the file system or the kernel refuses one.
  static func set(_ attributes: [TarEntry.Xattr], at place: String, _ path: String) throws(Failure)
  {
    for xattr in attributes where !foreign.contains(where: xattr.name.hasPrefix) {
      guard particle_set_xattr(place, xattr.name, xattr.value, UInt(xattr.value.count)) == 0 else {
        throw .system("set the attribute \(xattr.name) of", path)
      }
    }
  }

  /// Takes all attributes of a tree's file away.
  static func clear(_ place: String, _ path: String) throws(Failure) {
    for xattr in try read(Array(place.utf8)) {
      guard particle_remove_attribute(place, xattr.name) == 0 else {
        throw .system("remove the attribute \(xattr.name) of", path)
      }
    }
  }

  private static let foreign = ["trusted.", "user.overlay.", "security.selinux"]
}
