internal import CExt2
internal import Glibc
package import Model

/// An ext2, ext3 or ext4 file system in a file, opened for reading by libext2fs; nothing is mounted.
package struct Ext2: ~Copyable {
  private let system: ext2_filsys
  private let path: String

  /// - Parameter path: The file that has it, from its first byte on.
  /// - Throws: When it is none, is damaged, or has a feature that libext2fs does not know.
  package init(_ path: String) throws(Failure) {
    initialize_ext2_error_table()
    var system: ext2_filsys?
    let code = particle_ext2_open(path, &system)
    guard code == 0, let system else { throw Self.failure("open the file system in", path, code) }
    self.system = system
    self.path = path
  }

  deinit {
    var system: ext2_filsys? = system
    ext2fs_close_free(&system)
  }

  /// The number of the root folder's inode.
  package static var root: UInt32 { UInt32(EXT2_ROOT_INO) }

  /// One name in a folder.
  package struct Name: Sendable {
    package var name: ByteString
    package var inode: UInt32
  }

  /// What the file system says of a file.
  package struct Inode: Sendable {
    /// As st_mode(7) has it: what it is, and its permission bits.
    package var mode: UInt32
    package var owner: UInt32
    package var group: UInt32
    /// In bytes.
    package var size: Int
    package var links: Int
    package var seconds: Int
    package var nanoseconds: Int
    /// Of a device.
    package var major: UInt32
    package var minor: UInt32
  }

  /// The names in a folder, without `.` and `..`, as they stand there.
  package func names(in folder: UInt32) throws(Failure) -> [Name] {
    var names: [Name] = []
    let code = withUnsafeMutablePointer(to: &names) { names in
      ext2fs_dir_iterate2(
        system, folder, 0, nil,
        { _, kind, entry, _, _, _, names in
          guard kind == DIRENT_OTHER_FILE, let entry, let names else { return 0 }
          // The length's upper byte is the file's type (struct ext2_dir_entry_2).
          let length = Int(entry.pointee.name_len & 0xff)
          // Only so much of the array that the header declares is in the block.
          let start = MemoryLayout<ext2_dir_entry>.offset(of: \.name) ?? 8
          let bytes = UnsafeRawBufferPointer(
            start: UnsafeRawPointer(entry).advanced(by: start), count: length)
          names.assumingMemoryBound(to: [Name].self).pointee
            .append(Name(name: ByteString(bytes), inode: entry.pointee.inode))
          return 0
        }, names)
    }
    guard code == 0 else { throw failure("list the directory of inode \(folder)", code) }
    return names
  }

  /// What is said of an inode.
  package func inode(_ number: UInt32) throws(Failure) -> Inode {
    var large = ext2_inode_large()
    let code = withUnsafeMutablePointer(to: &large) { large in
      large.withMemoryRebound(to: ext2_inode.self, capacity: 1) { inode in
        ext2fs_read_inode_full(
          system, number, inode, Int32(MemoryLayout<ext2_inode_large>.size))
      }
    }
    guard code == 0 else { throw failure("read inode \(number)", code) }
    let device = withUnsafeBytes(of: &large.i_block) { raw in
      // The old form in the first word, or the new one in the second (ext4_iget).
      (raw.load(as: UInt32.self), raw.load(fromByteOffset: 4, as: UInt32.self))
    }
    let isOld = device.0 != 0
    let size = Int(large.i_size) | Int(truncatingIfNeeded: UInt64(large.i_size_high) << 32)
    // Reading a file of holes that damage made endless would have no end.
    let isDevice = [S_IFCHR, S_IFBLK].contains(UInt32(large.i_mode) & S_IFMT)
    guard isDevice || (0...largestFile).contains(size) else {
      throw Failure(
        "read inode \(number) in", path, cause: "it claims to have \(size) bytes",
        remedy: "check the file system with: e2fsck -fn")
    }
    // Two bits of the time's upper word go on with the seconds beyond 2038, the rest are nanoseconds.
    let hasExtra =
      system.pointee.super.pointee.s_inode_size > 128 && large.i_extra_isize >= 8
    let extra = hasExtra ? large.i_mtime_extra : 0
    return Inode(
      mode: UInt32(large.i_mode),
      owner: UInt32(large.i_uid) | UInt32(large.osd2.linux2.l_i_uid_high) << 16,
      group: UInt32(large.i_gid) | UInt32(large.osd2.linux2.l_i_gid_high) << 16,
      size: size, links: Int(large.i_links_count),
      seconds: Int(Int32(bitPattern: large.i_mtime)) + Int(extra & 3) << 32,
      nanoseconds: Int(extra >> 2),
      major: isOld ? device.0 >> 8 & 0xff : device.1 >> 8 & 0xfff,
      minor: isOld ? device.0 & 0xff : device.1 & 0xff | device.1 >> 12 & 0xfff00)
  }

  /// Gives the content of a file, or the text of a symbolic link, piece by piece.
  package func read(_ number: UInt32, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void)
    throws(Failure)
  {
    var file: ext2_file_t?
    var code = ext2fs_file_open(system, number, 0, &file)
    guard code == 0, let file else { throw failure("open inode \(number)", code) }
    defer { ext2fs_file_close(file) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 4096)
    defer { buffer.deallocate() }
    while true {
      var count: UInt32 = 0
      code = ext2fs_file_read(file, buffer.baseAddress, UInt32(buffer.count), &count)
      guard code == 0 else { throw failure("read inode \(number)", code) }
      if count == 0 { return }
      try body(UnsafeRawBufferPointer(rebasing: buffer[..<Int(count)]))
    }
  }

  /// What a symbolic link says.
  package func linkTarget(_ number: UInt32) throws(Failure) -> ByteString {
    var inode = ext2_inode()
    let code = ext2fs_read_inode(system, number, &inode)
    guard code == 0 else { throw failure("read inode \(number)", code) }
    guard inode.i_size <= Limits.path else {
      throw Failure(
        "read inode \(number) in", path,
        cause: "it is a link with a target of \(inode.i_size) bytes, more than Linux allows"
          + " (\(Limits.path))",
        remedy: "check the file system with: e2fsck -fn")
    }
    // A short one stands where others have their blocks.
    if ext2fs_is_fast_symlink(&inode) != 0 {
      return withUnsafeBytes(of: &inode.i_block) { ByteString($0.prefix(Int(inode.i_size))) }
    }
    var bytes: [UInt8] = []
    try read(number) { (piece) throws(Failure) in bytes += piece }
    return ByteString(bytes)
  }

  /// The extended attributes of an inode, as they stand there: names as Linux has them, and values.
  package func attributes(_ number: UInt32) throws(Failure) -> [(
    name: ByteString, value: [UInt8]
  )] {
    var handle: OpaquePointer?
    var code = ext2fs_xattrs_open(system, number, &handle)
    guard code == 0 else { throw failure("read the attributes of inode \(number)", code) }
    defer { ext2fs_xattrs_close(&handle) }
    code = ext2fs_xattrs_read(handle)
    guard code == 0 else { throw failure("read the attributes of inode \(number)", code) }
    var attributes: [(name: ByteString, value: [UInt8])] = []
    withUnsafeMutablePointer(to: &attributes) { attributes in
      _ = ext2fs_xattrs_iterate(
        handle,
        { name, value, count, attributes in
          guard let name, let attributes else { return 0 }
          let bytes = UnsafeRawBufferPointer(start: value, count: Int(count))
          attributes.assumingMemoryBound(to: [(name: ByteString, value: [UInt8])].self).pointee
            .append(
              (
                ByteString(
                  UnsafeBufferPointer(start: name, count: strlen(name)).map {
                    UInt8(bitPattern: $0)
                  }), Array(bytes)
              ))
          return 0
        }, attributes)
    }
    return attributes
  }

  /// Holes may make a file larger than the file system, but no honest one much.
  private var largestFile: Int {
    let block = 1024 << min(16, Int(system.pointee.super.pointee.s_log_block_size))
    let count = Int(clamping: ext2fs_blocks_count(system.pointee.super))
    let (bytes, isTooLarge) = count.multipliedReportingOverflow(by: block * 64)
    return isTooLarge ? Limits.file : min(bytes, Limits.file)
  }

  private func failure(_ operation: String, _ code: errcode_t) -> Failure {
    Self.failure(operation + " in", path, code)
  }

  private static func failure(_ operation: String, _ path: String, _ code: errcode_t) -> Failure {
    Failure(
      operation, path, cause: String(cString: error_message(code)),
      remedy: "check the file system with: e2fsck -fn")
  }
}
