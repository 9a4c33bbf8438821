internal import Model
internal import Processes
package import StageContracts
package import StageKit

@main extension OSTreeCommit: StageBody {
  package func run(in job: borrowing Job) throws {
    try job.tree.makeDirectories("/")
    let repository = "--repo=\(job.tree.outside("/"))"
    try Command(["ostree", "init", repository, "--mode=archive"]).runLogged()
    var words = [
      "ostree", "commit", repository, "--branch=\(ref)", "--subject=\(subject)", "--bootable",
      "--tree=dir=\(try job.input("tree"))", "--timestamp=@\(job.epoch.seconds)", "--parent=none",
    ]
    if let systemVersion { words.append("--add-metadata-string=version=\(systemVersion)") }
    try Command(words).runLogged()
  }
}
