internal import Files
internal import Glibc
internal import Model
package import StageContracts
package import StageKit

@main extension Disk: StageBody {
  package func run(in job: borrowing Job) throws {
    let system = try job.input("tree")
    let contents = try partitions.map { (partition) throws(Failure) in
      try partition.filesystem?.mountPoint.map { (mountPoint) throws(Failure) in
        try Content(of: mountPoint, in: system, beside: mountPoints)
      }
    }
    let images = try partitions.map { (partition) throws(Failure) in
      try partition.image.map { (path) throws(Failure) in try job.input("images") + path }
    }
    let layout = try Layout(of: self, contents: contents, images: images)

    try job.tree.write(file, [UInt8]())
    let image = job.tree.outside(file)
    guard truncate(image, layout.size) == 0 else { throw Failure.system("lengthen", file) }
    try layout.writeTable(to: image, for: self, on: job.architecture)
    for (index, partition) in partitions.enumerated() {
      let place = layout.extents[index]
      if let source = images[index] { try copy(source, to: place, in: image) }
      guard let filesystem = partition.filesystem else { continue }
      switch filesystem.type {
      case .ext4:
        try writeExt4(filesystem, contents[index], seed: partition.id, at: place, in: image)
      case .vfat: try writeVfat(filesystem, contents[index], at: place, in: image)
      case .swap: try writeSwap(filesystem, at: place, in: image)
      }
    }
    switch bios {
    case nil: break
    case .grub: try writeBootBlocks(from: system, to: image, layout: layout)
    case .syslinux: try writeSyslinux(to: image, layout: layout)
    }
  }

  private var mountPoints: [String] {
    partitions.compactMap { $0.filesystem?.mountPoint } + beside
  }
}
