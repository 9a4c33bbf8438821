internal import Files
internal import Model
internal import Processes
package import StageContracts
package import StageKit

@main extension OSTreeDeploy: StageBody {
  package func run(in job: borrowing Job) throws {
    let root = job.tree.outside("/")
    let own = "--repo=" + job.tree.outside("/ostree/repo")
    try job.tree.makeDirectories("/")
    try Command(["ostree", "admin", "init-fs", "--epoch=2", root]).runLogged()
    try Command(["ostree", "admin", "stateroot-init", stateroot, "--sysroot=\(root)"]).runLogged()
    let settings = [
      ("sysroot.bootloader", "grub2"), ("sysroot.readonly", "true"),
      ("sysroot.bootprefix", separateBoot ? "false" : "true"),
    ]
    for (key, value) in settings {
      try Command(["ostree", "config", own, "set", key, value]).runLogged()
    }
    try Command(["ostree", "pull-local", own, try job.input("repository"), ref]).runLogged()
    let program = "/tmp/ostree-menu"
    try Files.write(Array(Self.menuText.utf8), to: program, mode: 0o755)
    try Command(
      ["ostree", "admin", "deploy", "--sysroot=\(root)", "--os=\(stateroot)"]
        + arguments.map { "--karg=\($0)" } + [ref]
    ).with(environment: ["OSTREE_GRUB2_EXEC": program]).runLogged()
    try Files.removeTree(program)
  }
}
