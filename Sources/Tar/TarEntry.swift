package import Model

/// What a tar archive says of one file, without its content.
package struct TarEntry: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    case file
    /// Another name of a file that is in the archive already.
    case hardLink(to: ByteString)
    case symbolicLink(to: ByteString)
    case directory
    case characterDevice(major: Int, minor: Int)
    case blockDevice(major: Int, minor: Int)
    case fifo
  }

  package var path: ByteString
  package var kind: Kind
  /// Permission bits, with setuid, setgid and sticky.
  package var mode: UInt32
  package var uid: Int
  package var gid: Int
  /// Bytes of content.
  package var size: Int
  /// Seconds since 1970.
  package var mtime: Int
  package var xattrs: [Xattr]

  /// One extended attribute.
  package struct Xattr: Sendable, Equatable {
    package var name: ByteString
    package var value: [UInt8]

    package init(name: ByteString, value: [UInt8]) {
      self.name = name
      self.value = value
    }
  }

  package init(
    path: ByteString, kind: Kind, mode: UInt32, uid: Int, gid: Int, size: Int = 0, mtime: Int,
    xattrs: [Xattr] = []
  ) {
    self.path = path
    self.kind = kind
    self.mode = mode
    self.uid = uid
    self.gid = gid
    self.size = size
    self.mtime = mtime
    self.xattrs = xattrs
  }
}

/// Where the fields of a ustar header stand (POSIX.1-2017, pax, "ustar Interchange Format").
package enum TarField {
  package static let name = 0..<100
  package static let mode = 100..<108
  package static let uid = 108..<116
  package static let gid = 116..<124
  package static let size = 124..<136
  package static let mtime = 136..<148
  package static let checksum = 148..<156
  package static let kind = 156
  package static let link = 157..<257
  package static let magic = 257..<265
  package static let major = 329..<337
  package static let minor = 337..<345
  package static let prefix = 345..<500
  package static let block = 512
}
