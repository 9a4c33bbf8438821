internal import Files
internal import Model
internal import Processes
package import StageContracts
package import StageKit

@main extension RootImage: StageBody {
  package func run(in job: borrowing Job) throws {
    let content = try Content(of: "/", in: try job.input("tree"), beside: beside)
    let image = job.tree.outside("/root.image")
    // The tools take the content as a sorted archive, times and order with it.
    let writer =
      switch type {
      case .squashfs:
        Command(
          [
            "sqfstar", "-quiet", "-no-progress", "-exit-on-error", "-comp", "zstd",
            "-Xcompression-level", "9",
          ] + (try content.walk.sqfstarOptions()) + [image])
      case .erofs:
        Command([
          "mkfs.erofs", "--quiet", "-zlz4hc", "-T", "\(job.epoch.seconds)", "--mkfs-time", "-U",
          uuid, "--tar=f", image,
        ])
      }
    let archive = TreeArchive(content.walk)
    try writer.runLogged { (pipe) throws(Failure) in
      try archive.write(to: pipe, name: "the root")
    }
    guard let verity else { return }
    try Command([
      "veritysetup", "format", "--hash", "sha256", "--data-block-size", "4096",
      "--hash-block-size", "4096", "--uuid", verity.uuid, "--salt", verity.salt,
      "--root-hash-file", job.tree.outside("/root-hash"), image, job.tree.outside("/root.verity"),
    ]).runLogged()
  }
}
