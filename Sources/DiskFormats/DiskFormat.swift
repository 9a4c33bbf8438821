package import Files
package import Model

/// A format in which a disk is not its own bytes, by what QEMU calls it.
package enum DiskFormat: String, Sendable, CaseIterable {
  case qcow2, vmdk, vdi, vhdx, vpc

  /// The format of a disk, by marks in its bytes.
  ///
  /// - Returns: Nil for any other file.
  /// - Throws: When it cannot be read.
  package init?(of file: borrowing FileDescriptor) throws(Failure) {
    let size = try file.size()
    for (format, mark, place) in Self.marks {
      let offset = place < 0 ? size + place : place
      guard offset >= 0 else { continue }
      if try file.read(mark.count, at: offset) == mark {
        self = format
        return
      }
    }
    return nil
  }

  /// As file(1) knows them; a negative place is from the end.
  private static let marks: [(DiskFormat, [UInt8], Int)] = [
    (.qcow2, [0x51, 0x46, 0x49, 0xfb], 0), (.vmdk, Array("KDMV".utf8), 0),
    (.vdi, [0x7f, 0x10, 0xda, 0xbe], 64), (.vhdx, Array("vhdxfile".utf8), 0),
    (.vpc, Array("conectix".utf8), -512),
  ]

  /// Refuses a disk of which a part is in other files: QEMU would open whatever it names, a file of the host or a server.
  ///
  /// Those of VHDX and VDI that QEMU knows are whole.
  ///
  /// - Parameters:
  ///   - file: The disk.
  ///   - path: What it is called in a failure.
  /// - Throws: When it is such a disk, or cannot be read.
  package func refuseReferences(of file: borrowing FileDescriptor, _ path: String) throws(Failure) {
    switch self {
    case .qcow2:
      // Offsets of the header: docs/interop/qcow2.txt of QEMU.
      let header = Header(try file.read(104, at: 0))
      if header.big(8, 8) != 0 { throw Self.refusal(path, "it needs a backing file") }
      if header.big(4, 4) > 2, header.big(72, 8) & 4 != 0 {
        throw Self.refusal(path, "its data is in another file")
      }
    case .vmdk: try Self.refuseExtents(of: file, path)
    case .vpc:
      // The type of the disk in a footer (Virtual Hard Disk Image Format Specification): 4 is a difference to another.
      let footer = Header(try file.read(512, at: max(0, try file.size() - 512)))
      if footer.big(60, 4) == 4 {
        throw Self.refusal(path, "it contains only the differences from another disk")
      }
    case .vdi, .vhdx: break
    }
  }

  /// Headers at the begin, and where those of a stream are at its end (Virtual Disk Format 5.0, "Hosted Sparse Extents").
  private static func refuseExtents(of file: borrowing FileDescriptor, _ path: String)
    throws(Failure)
  {
    let size = try file.size()
    // QEMU looks for the parent's name at this fixed place, no matter where the header puts the descriptor (block/vmdk.c,
    // vmdk_parent_open).
    try refuseParent(in: try file.read(20 * 512, at: 512), path)
    // QEMU counts whole sectors, also where the last one is cut off.
    for place in [0, max(0, size - 1024), max(0, (size + 511) / 512 * 512 - 1024)] {
      let header = Header(try file.read(512, at: place))
      guard header.bytes.starts(with: Array("KDMV".utf8)) else { continue }
      // Without a size of its own it is only a list of extents.
      if header.little(12, 8) == 0 { throw refusal(path, "its data is in other files") }
      let (sector, count) = (header.little(28, 8), header.little(36, 8))
      guard sector > 0, sector < size / 512 else { continue }
      let description = try file.read(min(max(count, 1), 2048) * 512, at: sector * 512)
      try refuseParent(in: description, path)
      let text = description.prefix { $0 != 0 }
      for line in text.split(whereSeparator: { $0 == 0x0a || $0 == 0x0d }) {
        let letters = line.filter { $0 != 0x20 && $0 != 0x09 }.map { $0 | 0x20 }
        let isOwn = letters.elementsEqual("parentcid=ffffffff".utf8)
        if letters.starts(with: "parent".utf8), !isOwn {
          throw refusal(path, "it contains only the differences from another disk")
        }
      }
    }
  }

  private static func refuseParent(in bytes: [UInt8], _ path: String) throws(Failure) {
    if bytes.firstRange(of: Array("parentFileNameHint".utf8)) != nil {
      throw refusal(path, "it contains only the differences from another disk")
    }
  }

  private static func refusal(_ path: String, _ cause: String) -> Failure {
    Failure(
      "use", path, cause: "\(cause), and other files that an image refers to are not opened",
      remedy: "if you trust it, convert it to a single file: qemu-img convert -O raw IMAGE disk.raw"
    )
  }
}

/// Numbers in the bytes of a header; those that it is too short for are 0.
private struct Header {
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func big(_ place: Int, _ count: Int) -> Int { value(field(place, count)) }

  func little(_ place: Int, _ count: Int) -> Int { value(field(place, count).reversed()) }

  private func field(_ place: Int, _ count: Int) -> [UInt8] {
    place + count <= bytes.count ? Array(bytes[place..<place + count]) : []
  }

  private func value(_ bytes: [UInt8]) -> Int {
    Int(truncatingIfNeeded: bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }
}
