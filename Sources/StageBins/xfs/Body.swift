internal import Files
internal import Glibc
internal import Model
internal import Processes
package import StageContracts
package import StageKit
internal import Tar

@main extension Xfs: StageBody {
  package func run(in job: borrowing Job) throws {
    let content = try mountPoint.map { (mountPoint) throws(Failure) in
      try Content(of: mountPoint, in: try job.input("tree"), beside: beside)
    }
    let unit = 1 << 20
    let size = size?.bytes ?? (content.comfortableSize + unit - 1) / unit * unit
    let missing = content.leastSize - size
    guard missing <= 0 else {
      throw Failure(
        "fit", "\(mountPoint ?? label) on an XFS file system of \(size >> 20) MiB",
        cause: "at least \((missing + unit - 1) >> 20) MiB more are needed",
        remedy: "make the partition larger, or leave its size out")
    }
    if let content { try refuseLostAttributes(content.walk) }
    try job.tree.write(file, [UInt8]())
    let image = job.tree.outside(file)
    guard truncate(image, size) == 0 else { throw Failure.system("lengthen", file) }
    // Neither mkfs.xfs nor xfs_db has an option for the time, or for the generation numbers of
    // inodes (xfsprogs 6.13).
    let clock = stillClock(at: job.epoch, on: job.architecture, uuid: uuid)

    var options = ["-m", "uuid=\(uuid)", "-L", label, "-K"]
    // Otherwise they follow the number of the builder's processors.
    options += ["-d", "concurrency=0", "-l", "concurrency=0"]
    guard let content else {
      try Command(["mkfs.xfs", "-q"] + options + [image]).with(environment: clock).runLogged()
      return
    }
    let names = "/.names"
    let prototype = try Prototype(content.walk) { (number, source) throws(Failure) in
      try job.tree.link("\(names)/\(number)", to: source)
      return job.tree.outside("\(names)/\(number)")
    }
    try job.tree.write("/.prototype", prototype.text)
    options += ["-p", "file=\(job.tree.outside("/.prototype")),slashes_are_spaces=1"]
    try Command(["mkfs.xfs", "-q"] + options + [image]).with(environment: clock).runLogged()
    try complete(image, prototype, epoch: job.epoch, clock)
    try job.tree.remove("/.prototype")
    try job.tree.remove(names)
  }
}

extension Xfs {
  /// mkfs.xfs copies attributes from regular files alone, and of those neither empty ones nor, as what they are, access
  /// control lists (xfsprogs 6.13).
  private func refuseLostAttributes(_ walk: Walk) throws(Failure) {
    try walk.refuseAttributes(remedy: "use ext4 or Btrfs, or remove it in a script module") {
      file, attribute in
      if attribute.name.hasPrefix("system.") { return "mkfs.xfs cannot write access control lists" }
      if !file.isRegular { return "mkfs.xfs writes no attributes of directories" }
      return attribute.value.isEmpty ? "mkfs.xfs writes no empty attributes" : nil
    }
  }
}

extension Content? {
  /// The log has 64 MiB, and no file system is smaller than 300 MiB (mkfs.xfs(8)).
  fileprivate var comfortableSize: Int {
    Swift.max(320 << 20, (self?.comfortableSize ?? 0) + 96 << 20)
  }

  fileprivate var leastSize: Int {
    // An inode has 512 bytes, and the log of a small file system 64 MiB.
    self.map { $0.bytes + $0.inodes * 512 + 64 << 20 } ?? 0
  }
}
