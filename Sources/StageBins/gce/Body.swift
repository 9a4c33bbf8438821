internal import Files
internal import Glibc
internal import Model
internal import Processes
package import StageContracts
package import StageKit

@main extension GCEImage: StageBody {
  package func run(in job: borrowing Job) throws {
    let disk = try job.input("disk") + source
    let size = Int(try Files.information(disk).st_size)
    guard size % Self.unit == 0 else {
      throw Failure(
        "pack", source, cause: "its size of \(size) bytes is not a whole number of GiB",
        remedy: "give the image a size in GiB, or 'size: auto'")
    }
    try job.tree.write(file, [UInt8]())
    let name = disk.cut(atLast: "/")
    // Which blocks are holes is told by their bytes, not by the file system.
    try Command([
      "tar", "--create", "--format=oldgnu", "--sparse", "--hole-detection=raw",
      "--use-compress-program=gzip --no-name -6", "--file=\(job.tree.outside(file))",
      "--owner=0", "--group=0", "--numeric-owner", "--mode=0644",
      "--mtime=@\(job.epoch.seconds)", "--transform=s/.*/disk.raw/",
      "--directory=\(name?.before ?? "")/", "--", name?.after ?? disk,
    ]).runLogged()
  }
}
