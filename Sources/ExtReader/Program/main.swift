internal import ExtRecord
internal import ExtWalking
internal import Files
internal import Glibc
internal import Model

// Reads an ext2, ext3 or ext4 file system for those who inspect images, in a process of its own: libext2fs was not written
// for file systems that somebody made to harm it.
//
// Standard input has a NUL after each: the image, a folder or nothing, and inodes. Without a folder every file is written to
// standard output, as `ExtFile` has it; else the content of the inodes to FOLDER/0, FOLDER/1 and so on. (Swift finds a
// command line in /proc, which a sandbox need not have.)
do throws(Failure) {
  let request = try FileDescriptor(owning: 0).readAll().split(
    separator: 0, omittingEmptySubsequences: false
  ).map { String(decoding: $0, as: UTF8.self) }
  guard request.count > 2 else {
    throw Failure("read", "an image", cause: "standard input does not name one")
  }
  let (image, folder) = (request[0], request[1])
  var walk = try ExtWalk(image)
  if !folder.isEmpty {
    for (index, inode) in request[2...].compactMap({ UInt32($0) }).enumerated() {
      try walk.write(inode, to: "\(folder)/\(index)")
    }
  } else {
    let output = FileDescriptor(owning: 1)
    var waiting: [UInt8] = []
    var said = 0
    try walk.forEachFile { (file) throws(Failure) in
      waiting += file.bytes
      guard waiting.count > 1 << 18 else { return }
      said += waiting.count
      guard said <= Limits.listing else {
        throw Failure(
          "read", image,
          cause:
            "its list of files is larger than \(ByteSize(bytes: Limits.listing)), the limit")
      }
      try output.write(waiting)
      waiting = []
    }
    try output.write(waiting)
  }
} catch {
  let record = error.record
  _ = Glibc.write(2, record, record.count)
  exit(1)
}
