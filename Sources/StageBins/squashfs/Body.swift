internal import Model
internal import Processes
package import StageContracts
package import StageKit
internal import Tar

@main extension Squashfs: StageBody {
  package func run(in job: borrowing Job) throws {
    try job.tree.makeDirectories("/")
    let walk = try Walk(try job.input("tree"))
    // A sorted archive: mksquashfs keeps attributes in the order in which the host's file system lists them.
    let writer = Command(
      [
        "sqfstar", "-quiet", "-no-progress", "-exit-on-error", "-comp", compression.rawValue, "-b",
        "128K",
      ] + (try walk.sqfstarOptions()) + [job.tree.outside(file)]
    )
    .with(environment: ["SOURCE_DATE_EPOCH": "\(job.epoch.seconds)"])
    let archive = TreeArchive(walk)
    try writer.runLogged { (pipe) throws(Failure) in
      try archive.write(to: pipe, name: "the content of \(file)")
    }
  }
}
