internal import Files
internal import Glibc
internal import Model

/// How a machine sees an image: a drive that it may write to, or a medium in a DVD drive.
package enum Drive: String, Sendable, CaseIterable { case disk, cdrom }

/// A disk image and its format, as marks in its bytes tell it.
struct DiskImage {
  let path: String
  /// What QEMU calls it.
  let format: String
  let drive: Drive

  /// - Parameters:
  ///   - path: The image.
  ///   - drive: How the machine is to see it; nil for what its content is usually in.
  /// - Throws: When it cannot be read, or holds nothing.
  init(_ path: String, as drive: Drive? = nil) throws(Failure) {
    let file = try FileDescriptor.open(path, O_RDONLY)
    let size = try file.size()
    guard size >= 4 else {
      throw Failure("boot", path, cause: "the file holds \(size) bytes")
    }
    func has(_ mark: [UInt8], at place: Int) throws(Failure) -> Bool {
      guard place >= 0, place + mark.count <= size else { return false }
      return try file.read(mark.count, at: place) == mark
    }
    self.path = path
    let marks: [(format: String, mark: [UInt8], place: Int)] = [
      ("qcow2", [0x51, 0x46, 0x49, 0xfb], 0), ("vmdk", Array("KDMV".utf8), 0),
      ("vdi", [0x7f, 0x10, 0xda, 0xbe], 64), ("vhdx", Array("vhdxfile".utf8), 0),
      ("vpc", Array("conectix".utf8), size - 512),
    ]
    var format = "raw"
    for known in marks where format == "raw" {
      if try has(known.mark, at: known.place) { format = known.format }
    }
    self.format = format
    // ECMA-119: the first volume descriptor, at sector 16.
    let isMedium = try has(Array("CD001".utf8), at: 16 * 2048 + 1)
    self.drive = drive ?? (isMedium ? .cdrom : .disk)
  }

  /// QEMU's options for this disk.
  ///
  /// What the machine writes goes to a temporary file without a name.
  var arguments: [String] {
    let escaped = path.split(separator: ",", omittingEmptySubsequences: false)
      .joined(separator: ",,")
    let source = "format=\(format),file=file:\(escaped)"
    switch drive {
    case .disk: return ["-drive", "if=virtio,snapshot=on,\(source)"]
    // By SCSI: kernels for virtual machines have no driver for an IDE drive.
    case .cdrom:
      return [
        "-drive", "if=none,id=medium,readonly=on,\(source)", "-device", "virtio-scsi-pci",
        "-device", "scsi-cd,drive=medium,bootindex=0",
      ]
    }
  }
}
