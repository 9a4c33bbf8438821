internal import Model
internal import Processes
package import StageContracts
package import StageKit
internal import Tar

@main extension OSTreeCommit: StageBody {
  package func run(in job: borrowing Job) throws {
    let tree = try job.input("tree")
    try Walk(tree).refuseAttributes(remedy: "give it a value, or remove it, in a script module") {
      $1.value.isEmpty ? "ostree keeps no empty attributes" : nil
    }
    try job.tree.makeDirectories("/")
    let repository = "--repo=\(job.tree.outside("/"))"
    try Command(["ostree", "init", repository, "--mode=archive"]).runLogged()
    var words = [
      "ostree", "commit", repository, "--branch=\(ref)", "--subject=\(subject)", "--bootable",
      "--tree=dir=\(tree)", "--timestamp=@\(job.epoch.seconds)", "--parent=none",
    ]
    if let systemVersion { words.append("--add-metadata-string=version=\(systemVersion)") }
    try Command(words).runLogged()
  }
}
