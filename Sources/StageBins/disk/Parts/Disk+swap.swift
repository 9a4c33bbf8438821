internal import Files
internal import Glibc
internal import Model
internal import StageContracts

extension Disk {
  /// Writes the header of swap space, which is all that there is of it when it is new.
  ///
  /// Its form is the kernel's (`union swap_header` of `include/linux/swap.h`), for pages of 4 KiB: the
  /// version, the last page and the number of bad pages from byte 1024, then the UUID and the
  /// label, and at the page's end a magic word.
  func writeSwap(_ filesystem: Filesystem, at place: Layout.Extent, in image: String)
    throws(Failure)
  {
    let page = 4096
    let numbers = [1, UInt32(truncatingIfNeeded: place.size / page - 1), 0]
    let digits = filesystem.uuid.filter { $0 != "-" }.compactMap(\.hexDigitValue)
    let uuid = stride(from: 0, to: digits.count, by: 2).map { index in
      UInt8(digits[index] << 4 | digits[index + 1])
    }
    guard uuid.count == 16 else {
      throw Failure("create", "swap space", cause: "'\(filesystem.uuid)' is not a valid UUID")
    }
    var header: [UInt8] = numbers.flatMap { number in
      (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    header += uuid + Array(filesystem.label.utf8.prefix(15))
    let file = try FileDescriptor.open(image, O_WRONLY)
    try file.write(header[...], at: place.start + 1024, of: image)
    let magic = Array("SWAPSPACE2".utf8)
    try file.write(magic[...], at: place.start + page - magic.count, of: image)
  }
}
