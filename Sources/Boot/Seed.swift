internal import Files
internal import Glibc
internal import Model

/// A folder with files for cloud-init, as the machine gets it: a disk whose file system has the label that the source NoCloud
/// looks for.
struct Seed {
  private let folder: String

  /// - Parameter folder: With `user-data` and, if need be, `meta-data`, `vendor-data` and `network-config`.
  /// - Throws: When a file that cloud-init needs is missing.
  init(_ folder: String) throws(Failure) {
    let names = try Files.names(in: folder)
    guard names.contains("user-data") else {
      throw Failure(
        "seed the machine from", folder, cause: "it has no file 'user-data'",
        remedy: "write a cloud-init configuration there, with '#cloud-config' as the first line")
    }
    guard names.contains("meta-data") else {
      throw Failure(
        "seed the machine from", folder, cause: "it has no file 'meta-data'",
        remedy: "create one, which may be empty: without it, cloud-init ignores the seed")
    }
    self.folder = folder
  }

  /// QEMU's options for a disk with these files; it is never written to.
  var arguments: [String] {
    let options = "driver=vvfat,read-only=on,label=CIDATA,dir=\(folder.inOption)"
    return [
      "-blockdev", "node-name=seed,\(options)", "-device", "virtio-blk-pci,drive=seed",
    ]
  }
}
