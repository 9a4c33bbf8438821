internal import Files
internal import Glibc
internal import Model
package import StageContracts
package import StageKit

@main extension Disk: StageBody {
  package func run(in job: borrowing Job) throws {
    let system = try job.input("tree")
    let contents = try partitions.map { (partition) throws(Failure) in
      try partition.filesystem.map { (filesystem) throws(Failure) in
        try Content(of: filesystem, in: system, beside: mountPoints)
      }
    }
    let layout = try Layout(of: self, contents: contents)

    try job.tree.write(file, [UInt8]())
    let image = job.tree.outside(file)
    guard truncate(image, layout.size) == 0 else { throw Failure.system("lengthen", file) }
    try layout.writeTable(to: image, for: self, on: job.architecture)
    for (index, partition) in partitions.enumerated() {
      guard let filesystem = partition.filesystem, let content = contents[index] else { continue }
      let place = layout.extents[index]
      switch filesystem.type {
      case .ext4: try writeExt4(filesystem, content, seed: partition.id, at: place, in: image)
      case .vfat: try writeVfat(filesystem, content, at: place, in: image)
      }
    }
    if biosBoot { try writeBootBlocks(from: system, to: image, layout: layout) }
  }

  private var mountPoints: [String] { partitions.compactMap { $0.filesystem?.mountPoint } }
}
