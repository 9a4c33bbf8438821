internal import Files
internal import Glibc
package import StageContracts
package import StageKit

@main extension TarArchive: StageBody {
  package func run(in job: borrowing Job) throws {
    let walk = try Walk(try job.input("tree"))
    try job.tree.write(file, [UInt8]())
    let archive = try FileDescriptor.open(job.tree.outside(file), O_WRONLY)
    try TreeArchive(walk).write(to: archive.raw, name: file)
  }
}
