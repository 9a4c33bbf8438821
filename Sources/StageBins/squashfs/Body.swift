internal import Model
internal import Processes
package import StageContracts
package import StageKit

@main extension Squashfs: StageBody {
  package func run(in job: borrowing Job) throws {
    try job.tree.makeDirectories("/")
    // The times are those of SOURCE_DATE_EPOCH, or earlier. What the host's kernel adds to files
    // (SELinux) stays out; access control lists are what squashfs cannot hold.
    try Command([
      "mksquashfs", try job.input("tree"), job.tree.outside(file), "-noappend", "-no-progress",
      "-comp", compression.rawValue, "-b", "128K", "-reproducible", "-xattrs-include",
      "^(user\\.|security\\.capability$)",
    ])
    .with(environment: ["SOURCE_DATE_EPOCH": "\(job.epoch.seconds)"]).runLogged()
  }
}
