internal import Files
internal import Glibc
internal import Model
internal import Processes
package import StageContracts
package import StageKit

@main extension QemuImg: StageBody {
  package func run(in job: borrowing Job) throws {
    let path = try job.input("disk") + source
    try job.tree.write(file, [UInt8]())
    let map = try map(of: path)
    // Every option that has a default is said, so that no other release's default changes the
    // bytes; one coroutine writes the clusters in order.
    try Command(
      [
        "qemu-img", "convert", "--image-opts", "-m", "1", "-S", "64k", "-c", "-O", format.rawValue,
        "-o", options.joined(separator: ","),
        "driver=qcow2,file.driver=file,file.filename=/proc/self/fd/3,file.locking=off,"
          + "data-file.driver=file,data-file.filename=\(path),data-file.locking=off",
        job.tree.outside(file),
      ], descriptors: [3: map.raw]
    ).runLogged()
    if format == .vmdk { try setContentID(in: job.tree.outside(file)) }
  }

  private var options: [String] {
    switch format {
    case .qcow2:
      [
        "compat=1.1", "cluster_size=65536", "lazy_refcounts=off", "refcount_bits=16",
        "preallocation=off", "compression_type=zstd",
      ]
    case .vmdk: ["subformat=streamOptimized", "adapter_type=lsilogic", "hwversion=4"]
    }
  }

  /// The disk as a qcow2 image that has only where there is data, and whose data is the raw image.
  ///
  /// QEMU asks the file system for the holes of a raw image, and what it writes depends on them;
  /// here the bytes alone say which clusters there are.
  private func map(of path: String) throws(Failure) -> FileDescriptor {
    let disk = try RawDisk(path)
    var map = Qcow2(size: disk.size, isMap: true)
    try disk.forEachBlock { (block, _) throws(Failure) in _ = map.place(block) }
    let file = try FileDescriptor.inMemory()
    for structure in map.structures() { try file.write(structure.bytes, at: structure.place) }
    return file
  }

  /// Puts the content id in the place of the random one, in the descriptor, which begins at sector 1.
  ///
  /// QEMU writes the number without leading zeros, so what follows moves to its place. It writes it
  /// twice, and when the second one is shorter by two digits or more, the last bytes of the first
  /// text stay behind the end of the second: only what is before the first NUL is kept.
  private func setContentID(in path: String) throws(Failure) {
    let sector = 512
    let file = try FileDescriptor.open(path, O_RDWR)
    let room = 20 * sector
    var descriptor = try file.read(room, at: sector)
    descriptor.removeSubrange((descriptor.firstIndex(of: 0) ?? descriptor.endIndex)...)
    let key = Array("\nCID=".utf8)
    guard let start = descriptor.firstRange(of: key)?.upperBound,
      let end = descriptor[start...].firstIndex(of: UInt8(ascii: "\n"))
    else {
      throw Failure("find", "the content id of \(self.file)", cause: "its descriptor has none")
    }
    descriptor.replaceSubrange(start..<end, with: Array(contentID(from: id).utf8))
    descriptor += Array(repeating: 0, count: max(0, room - descriptor.count))
    try file.write(Array(descriptor.prefix(room)), at: sector)
  }
}
