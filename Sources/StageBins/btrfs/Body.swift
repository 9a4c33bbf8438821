internal import Files
internal import Glibc
internal import Model
internal import Processes
package import StageContracts
package import StageKit

@main extension Btrfs: StageBody {
  package func run(in job: borrowing Job) throws {
    let content = try mountPoint.map { (mountPoint) throws(Failure) in
      try Content(of: mountPoint, in: try job.input("tree"), beside: beside)
    }
    let unit = 1 << 20
    let size = size?.bytes ?? (content.comfortableSize + unit - 1) / unit * unit
    let missing = content.leastSize - size
    guard missing <= 0 else {
      throw Failure(
        "fit", "\(mountPoint ?? label) on a Btrfs file system of \(size >> 20) MiB",
        cause: "at least \((missing + unit - 1) >> 20) MiB more are needed",
        remedy: "make the partition larger, or leave its size out")
    }
    try job.tree.write(file, [UInt8]())
    let image = job.tree.outside(file)
    guard truncate(image, size) == 0 else { throw Failure.system("lengthen", file) }

    var command = Command([
      "mkfs.btrfs", "--quiet", "--nodiscard", "--label", label, "--uuid", uuid, "--device-uuid",
      deviceUUID,
    ])
    if let content {
      // The sandbox's own, in memory; gone with it.
      let staging = try OrderedCopy(of: content.walk, at: "/tmp/root")
      for folder in subvolumes {
        try requireFolder(folder, in: staging.root)
        command.arguments += ["--subvol", "rw:\(folder)"]
      }
      command.arguments += ["--rootdir", staging.root]
    }
    command.arguments.append(image)
    // There is no option for its UUIDs (btrfs-progs 6.14): libuuid mixes the clock and the process's
    // number into random numbers.
    var clock = stillClock(at: job.epoch, on: job.architecture, uuid: uuid)
    clock["FAKETIME_FAKEPID"] = "2"
    try command.with(environment: clock).runLogged()
    try InodeTimes(uuid: uuid).settle(in: image)
  }

  private func requireFolder(_ path: String, in root: String) throws(Failure) {
    var info = stat()
    guard lstat("\(root)/\(path)", &info) == 0, info.st_mode & S_IFMT == S_IFDIR else {
      throw Failure(
        "create", "the subvolume \(path)", cause: "the tree has no such directory",
        remedy: "create it in a script module, or remove the subvolume")
    }
  }
}

extension Content? {
  /// Metadata is there twice, and what is short is in it.
  private var metadata: Int { (self?.inodes ?? 0) * 4096 + 64 << 20 }

  /// Space is handed out in pieces of a tenth of the file system, each for data or for metadata.
  fileprivate var comfortableSize: Int {
    Swift.max(256 << 20, (self?.comfortableSize ?? 0) + metadata + 64 << 20)
  }

  fileprivate var leastSize: Int { self.map { $0.bytes + $0.inodes * 512 + 32 << 20 } ?? 0 }
}
