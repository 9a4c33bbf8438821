internal import DiskFormats
internal import Files
internal import Glibc
internal import Model

/// How a machine sees an image: a drive that it may write to, or a medium in a DVD drive.
package enum Drive: String, Sendable, CaseIterable { case disk, cdrom }

extension String {
  /// As the value of one of QEMU's options, where a comma begins the next.
  var inOption: String {
    split(separator: ",", omittingEmptySubsequences: false).joined(separator: ",,")
  }
}

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
    let file = try FileDescriptor.openRegular(path)
    let size = try file.size()
    guard size >= 4 else {
      throw Failure(
        "boot", path, cause: "the file has only \(size) bytes",
        remedy: "name the image of a disk or a live medium")
    }
    self.path = path
    let format = try DiskFormat(of: file)
    try format?.refuseReferences(of: file, path)
    self.format = format?.rawValue ?? "raw"
    // ECMA-119: the first volume descriptor, at sector 16.
    let mark = Array("CD001".utf8)
    let isMedium = try file.read(mark.count, at: 16 * 2048 + 1) == mark
    self.drive = drive ?? (isMedium ? .cdrom : .disk)
  }

  /// QEMU's options for this disk.
  ///
  /// The machine finds its disks in the order of these options: a BIOS starts from the first. (QEMU puts disks with
  /// `if=virtio` behind those of `-device`, wherever they are in its command line.)
  ///
  /// - Parameters:
  ///   - name: What QEMU calls the drive: another for each.
  ///   - isPersistent: Whether what the machine writes stays; else it goes to a temporary file without a name.
  /// - Returns: What to add to QEMU's command line.
  func arguments(name: String, isPersistent: Bool) -> [String] {
    let source = "if=none,id=\(name),format=\(format),file=file:\(path.inOption)"
    switch drive {
    case .disk:
      return [
        "-drive", "\(source),snapshot=\(isPersistent ? "off" : "on")", "-device",
        "virtio-blk-pci,drive=\(name)",
      ]
    // By SCSI: kernels for virtual machines have no driver for an IDE drive.
    case .cdrom:
      return [
        "-drive", "\(source),readonly=on", "-device", "virtio-scsi-pci", "-device",
        "scsi-cd,drive=\(name),bootindex=0",
      ]
    }
  }
}
