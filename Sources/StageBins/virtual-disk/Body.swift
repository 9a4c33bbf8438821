internal import Model
package import StageContracts
package import StageKit

@main extension VirtualDisk: StageBody {
  package func run(in job: borrowing Job) throws {
    let path = try job.input("disk") + source
    try job.tree.write(file, [UInt8]())
    let target = job.tree.outside(file)
    let disk = try RawDisk(path)
    let name = file.parts(at: "/").last ?? ""
    switch format {
    case .vhd:
      try FixedVHD(size: disk.size, id: id, epoch: job.epoch).write(path, to: target)
    case .qcow2: try write(Qcow2(size: disk.size), disk, to: target)
    case .vdi: try write(VDI(size: disk.size, id: id, revision: revision), disk, to: target)
    case .vhdx: try write(VHDX(size: disk.size, id: id, revision: revision), disk, to: target)
    case .vmdk: try write(VMDK(size: disk.size, id: id, name: name), disk, to: target)
    }
  }

  private func write(_ image: some SparseImage, _ disk: borrowing RawDisk, to path: String)
    throws(Failure)
  {
    var image = image
    try image.write(disk, to: path)
  }
}
