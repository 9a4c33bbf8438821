internal import Files
internal import Glibc
internal import Model

/// A disk image and its format, as its first bytes tell it.
struct DiskImage {
  let path: String
  let format: String

  init(_ path: String) throws(Failure) {
    let file = try FileDescriptor.open(path, O_RDONLY)
    var magic = [UInt8](repeating: 0, count: 4)
    let count = retrying { read(file.raw, &magic, magic.count) }
    guard count >= 0 else { throw .system("read", path) }
    guard count == magic.count else {
      throw Failure("boot", path, cause: "the file holds \(count) bytes")
    }
    self.path = path
    // The qcow2 specification: "QFI" and 0xfb.
    format = magic == [0x51, 0x46, 0x49, 0xfb] ? "qcow2" : "raw"
  }

  /// QEMU's options for this disk.
  ///
  /// What the machine writes goes to a temporary file without a name.
  var arguments: [String] {
    let escaped = path.split(separator: ",", omittingEmptySubsequences: false)
      .joined(separator: ",,")
    return ["-drive", "if=virtio,format=\(format),snapshot=on,file=file:\(escaped)"]
  }
}
