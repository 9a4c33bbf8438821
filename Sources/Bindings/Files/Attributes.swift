internal import CLinux
internal import Glibc
package import Model

/// One extended attribute of a file.
package struct ExtendedAttribute: Sendable, Equatable {
  package var name: ByteString
  package var value: [UInt8]

  package init(name: ByteString, value: [UInt8]) {
    self.name = name
    self.value = value
  }

  package init(name: String, value: [UInt8]) { self.init(name: ByteString(name), value: value) }

  /// Whether the attribute is content, which an image has, too: users' own, file capabilities and access control lists.
  ///
  /// The others are the machine's: what its security module and integrity checks (`security.`) and its overlays and
  /// network file systems (`trusted.`, `system.`) note of a file, with or without having been asked. They would make
  /// each machine's result another.
  package var isContent: Bool {
    switch name {
    case "security.capability", "system.posix_acl_access", "system.posix_acl_default": true
    default: name.hasPrefix("user.") && !name.hasPrefix("user.overlay.")
    }
  }
}

extension Files {
  /// The extended attributes of a file, or of a link itself, sorted by the bytes of their names.
  ///
  /// None where the file system has none.
  package static func attributes(of path: String) throws(Failure) -> [ExtendedAttribute] {
    try attributes(of: ByteString(path), path)
  }

  /// Sets an extended attribute of a file, or of a link itself.
  package static func setAttribute(_ attribute: ExtendedAttribute, of path: String) throws(Failure)
  {
    try setAttribute(attribute, of: ByteString(path), path)
  }

  package static func removeAttribute(_ name: ByteString, of path: String) throws(Failure) {
    try removeAttribute(name, of: ByteString(path), path)
  }

  /// The same by a path of bytes, that failures call by its label.
  package static func attributes(of path: ByteString, _ label: @autoclosure () -> String)
    throws(Failure) -> [ExtendedAttribute]
  {
    var size = path.withCString { particle_list_attributes($0, nil, 0) }
    if size == 0 || (size < 0 && errno == ENOTSUP) { return [] }
    guard size > 0 else { throw .system("list the attributes of", label()) }
    var names = [CChar](repeating: 0, count: Int(size))
    size = path.withCString { particle_list_attributes($0, &names, UInt(names.count)) }
    guard size >= 0 else { throw .system("list the attributes of", label()) }
    var attributes: [ExtendedAttribute] = []
    for name in names[..<Int(size)].split(separator: 0) {
      let name = ByteString(name.map { UInt8(bitPattern: $0) })
      func value(_ room: UnsafeMutableRawPointer?, _ count: Int) -> Int {
        path.withCString { path in
          name.withCString { particle_get_attribute(path, $0, room, UInt(count)) }
        }
      }
      let length = value(nil, 0)
      guard length >= 0 else { throw .system("read the attribute \(name) of", label()) }
      var bytes = [UInt8](repeating: 0, count: length)
      guard value(&bytes, length) == length else {
        throw .system("read the attribute \(name) of", label())
      }
      attributes.append(ExtendedAttribute(name: name, value: bytes))
    }
    return attributes.sorted { $0.name < $1.name }
  }

  package static func setAttribute(
    _ attribute: ExtendedAttribute, of path: ByteString, _ label: @autoclosure () -> String
  ) throws(Failure) {
    let value = attribute.value
    let status = path.withCString { path in
      attribute.name.withCString { particle_set_attribute(path, $0, value, UInt(value.count)) }
    }
    guard status == 0 else { throw .system("set the attribute \(attribute.name) of", label()) }
  }

  package static func removeAttribute(
    _ name: ByteString, of path: ByteString, _ label: @autoclosure () -> String
  ) throws(Failure) {
    let status = path.withCString { path in
      name.withCString { particle_remove_attribute(path, $0) }
    }
    guard status == 0 else { throw .system("remove the attribute \(name) of", label()) }
  }
}
