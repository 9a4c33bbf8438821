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
    // XATTR_LIST_MAX: the kernel gives no more.
    var names = [CChar](repeating: 0, count: 1 << 16)
    let count = withCPath(path) { particle_list_xattrs($0, &names, UInt(names.count)) }
    if count < 0, errno == ENOTSUP { return [] }
    guard count >= 0 else { throw .system("list the attributes of", text(path)) }
    var attributes: [TarEntry.Xattr] = []
    for name in names[..<count].split(separator: 0) {
      let name = ByteString(name.map { UInt8(bitPattern: $0) })
      if foreign.contains(where: name.hasPrefix) { continue }
      var value = [UInt8](repeating: 0, count: Limits.attribute)
      let size = withCPath(path) { path in
        withCPath(name.bytes) { particle_get_xattr(path, $0, &value, UInt(value.count)) }
      }
      guard size >= 0 else { throw .system("read the attribute \(name) of", text(path)) }
      attributes.append(TarEntry.Xattr(name: name, value: Array(value[..<size])))
    }
    // A file system lists them in an order of its own.
    return attributes.sorted { $0.name < $1.name }
  }

  /// Gives a file these attributes, but for those that do not belong to a tree.
  ///
  /// - Parameters:
  ///   - attributes: Their names and values.
  ///   - place: Where the file is.
  ///   - path: What the file is called in a failure.
  /// - Throws: When the file system or the kernel refuses one.
  static func set(_ attributes: [TarEntry.Xattr], at place: borrowing ArchivePlace, _ path: String)
    throws(Failure)
  {
    try set(attributes, at: place.fullPath, path)
  }

  /// The same at a path that this process can use.
  package static func set(_ attributes: [TarEntry.Xattr], at place: [UInt8], _ path: String)
    throws(Failure)
  {
    for xattr in attributes where !foreign.contains(where: xattr.name.hasPrefix) {
      let result = withCPath(place) { file in
        withCPath(xattr.name.bytes) {
          particle_set_xattr(file, $0, xattr.value, UInt(xattr.value.count))
        }
      }
      guard result == 0 else {
        throw refusal(of: xattr, among: attributes, .system("set", "it"), path)
      }
    }
  }

  /// Says what the kernel's answer to an attribute means, which its own words do not.
  private static func refusal(
    of xattr: TarEntry.Xattr, among all: [TarEntry.Xattr], _ failure: Failure, _ path: String
  ) -> Failure {
    var failure = Failure(
      "set the attribute \(xattr.name.brief) of", path, cause: failure.cause, code: failure.code)
    switch failure.code {
    case _ where xattr.name.bytes.count > Limits.name:
      failure.cause =
        "its name has \(xattr.name.bytes.count) bytes, more than Linux allows (\(Limits.name))"
    case _ where xattr.value.count > Limits.attribute:
      failure.cause =
        "its value has \(xattr.value.count) bytes, more than Linux allows (\(Limits.attribute))"
    case ENOSPC, EDQUOT:
      let bytes = all.reduce(0) { $0 + $1.name.bytes.count + $1.value.count }
      failure.cause =
        "the file has too many: \(all.count) attributes of \(bytes) bytes in total do not fit"
      failure.remedy =
        "most file systems store about 4 KiB of them per file: put the store on XFS or Btrfs,"
        + " which store more"
    case EOPNOTSUPP:
      failure.cause =
        "Linux or the store's file system does not support attributes of this kind"
    default: break
    }
    return failure
  }

  /// Takes all attributes of a tree's file away.
  static func clear(_ place: borrowing ArchivePlace, _ path: String) throws(Failure) {
    let full = place.fullPath
    for xattr in try read(full) {
      let result = withCPath(full) { file in
        withCPath(xattr.name.bytes) { particle_remove_attribute(file, $0) }
      }
      guard result == 0 else {
        throw .system("remove the attribute \(xattr.name.brief) of", path)
      }
    }
  }

  private static let foreign: [ByteString] = [
    "trusted.", "user.overlay.", "security.selinux", "security.SMACK64", "security.ima",
    "security.evm",
  ]
}
