internal import Model
internal import Processes
package import StageContracts
package import StageKit

@main extension QemuImg: StageBody {
  package func run(in job: borrowing Job) throws {
    let disk = try job.input("disk")
    try job.tree.write(file, [UInt8]())
    // Every option that has a default is said, so that no other release's default changes the
    // bytes; one coroutine writes the clusters in order.
    let options = [
      "compat=1.1", "cluster_size=65536", "lazy_refcounts=off", "refcount_bits=16",
      "preallocation=off",
    ]
    try Command([
      "qemu-img", "convert", "-f", "raw", "-O", format.rawValue, "-m", "1", "-S", "64k", "-o",
      options.joined(separator: ","), disk + source, job.tree.outside(file),
    ]).runLogged()
  }
}
