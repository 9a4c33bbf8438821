internal import Model
internal import Processes
package import StageContracts
package import StageKit

@main extension EROFS: StageBody {
  package func run(in job: borrowing Job) throws {
    let archive = TreeArchive(try Walk(try job.input("tree")))
    try job.tree.write(file, [UInt8]())
    // From a sorted archive, so that no order of a folder shows.
    let command = Command(
      ["mkfs.erofs", "--quiet", "--tar=f", "-T", "\(job.epoch.seconds)", "--mkfs-time"]
        + ["-U", uuid, "-b", "4096"]
        + (compression == .none ? [] : ["-z", compression.rawValue])
        + [job.tree.outside(file)])
    try command.runLogged { (pipe) throws(Failure) in try archive.write(to: pipe, name: file) }
  }
}
