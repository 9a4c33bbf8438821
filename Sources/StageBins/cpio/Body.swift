internal import Files
internal import Glibc
internal import Model
package import StageContracts
package import StageKit

@main extension Cpio: StageBody {
  package func run(in job: borrowing Job) throws {
    let walk = try Walk(try job.input("tree"))
    try job.tree.write(file, [UInt8]())
    let archive = try FileDescriptor.open(job.tree.outside(file), O_WRONLY)
    try CpioArchive(walk).write(to: archive.raw, name: file)
  }
}
