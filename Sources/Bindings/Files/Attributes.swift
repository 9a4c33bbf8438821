internal import CLinux
internal import Glibc
package import Model

/// One extended attribute of a file.
package struct ExtendedAttribute: Sendable, Equatable {
  package var name: String
  package var value: [UInt8]

  package init(name: String, value: [UInt8]) {
    self.name = name
    self.value = value
  }
}

extension Files {
  /// The extended attributes of a file, or of a link itself, sorted by the bytes of their names.
  ///
  /// None where the file system has none.
  package static func attributes(of path: String) throws(Failure) -> [ExtendedAttribute] {
    var size = particle_list_attributes(path, nil, 0)
    if size == 0 || (size < 0 && errno == ENOTSUP) { return [] }
    guard size > 0 else { throw .system("list the attributes of", path) }
    var names = [CChar](repeating: 0, count: Int(size))
    size = particle_list_attributes(path, &names, UInt(names.count))
    guard size >= 0 else { throw .system("list the attributes of", path) }
    var attributes: [ExtendedAttribute] = []
    for name in names[..<Int(size)].split(separator: 0) {
      let name = String(decoding: name.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let length = particle_get_attribute(path, name, nil, 0)
      guard length >= 0 else { throw .system("read the attribute \(name) of", path) }
      var value = [UInt8](repeating: 0, count: Int(length))
      guard particle_get_attribute(path, name, &value, UInt(length)) == length else {
        throw .system("read the attribute \(name) of", path)
      }
      attributes.append(ExtendedAttribute(name: name, value: value))
    }
    return attributes.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  /// Sets an extended attribute of a file, or of a link itself.
  package static func setAttribute(_ attribute: ExtendedAttribute, of path: String) throws(Failure)
  {
    let value = attribute.value
    guard particle_set_attribute(path, attribute.name, value, UInt(value.count)) == 0 else {
      throw .system("set the attribute \(attribute.name) of", path)
    }
  }

  package static func removeAttribute(_ name: String, of path: String) throws(Failure) {
    guard particle_remove_attribute(path, name) == 0 else {
      throw .system("remove the attribute \(name) of", path)
    }
  }
}
