internal import Model
internal import Processes
package import StageContracts
package import StageKit

@main extension Initramfs: StageBody {
  package func run(in job: borrowing Job) throws {
    let kernels = try job.tree.kernels()
    guard !kernels.isEmpty else {
      throw Failure(
        "build", "an initramfs", cause: "the tree has no kernel in /boot",
        remedy: "install a kernel: the package linux-image-\(job.architecture.rawValue)")
    }
    let program = generator == .dracut ? "/usr/bin/dracut" : "/usr/sbin/update-initramfs"
    guard job.tree.exists(program) else {
      throw Failure(
        "build", "an initramfs", cause: "the tree has no \(program)",
        remedy: "install the package \(generator.rawValue)")
    }
    try refuseUnknownModules(kernels)
    for kernel in kernels { try job.tree.remove("/boot/initrd.img-\(kernel)") }
    switch generator {
    case .initramfsTools: try runUpdateInitramfs(kernels, in: job)
    case .dracut: try runDracut(kernels, in: job)
    }
  }

  /// Refuses what no kernel has, under its own name or another: what makes the initramfs would leave it out, and the
  /// machine would pass over it.
  private func refuseUnknownModules(_ kernels: [String]) throws {
    for module in modules {
      let isKnown = try kernels.contains { kernel throws(Failure) in
        try Command(["modprobe", "--show-depends", "--set-version", kernel, module]).run().ending
          .isSuccess
      }
      if isKnown { continue }
      throw Failure(
        "load", "the kernel module '\(module)'",
        cause: "no kernel of the tree has it: \(kernels.joined(separator: ", "))",
        remedy:
          "correct its name in the module 'kernel' or 'initramfs', or install the package that contains it"
      )
    }
  }

  private func runUpdateInitramfs(_ kernels: [String], in job: borrowing Job) throws {
    // The scripts ask the root's device for its file system's type, and there is no device yet.
    let hint = "/etc/initramfs-tools/conf.d/root-filesystem"
    let type = try rootFilesystem(in: job.tree)
    if let type { try job.tree.write(hint, "FSTYPE=\(type)\n") }
    let hasDropbear = job.tree.exists("/usr/share/initramfs-tools/hooks/dropbear")
    if hasDropbear { try job.tree.write(Self.renaming, Self.renamingText, mode: 0o755) }
    for kernel in kernels {
      // Package stages run with INITRD=No, so that only this stage builds one.
      try Command(["update-initramfs", "-c", "-k", kernel]).with(environment: ["INITRD": nil])
        .runLogged()
    }
    // The machine itself knows better, later.
    if type != nil { try job.tree.remove(hint) }
    if hasDropbear { try job.tree.remove(Self.renaming) }
  }

  /// A hook for this build alone, after that of dropbear-initramfs, which gives root's folder a random name.
  private static let renaming = "/etc/initramfs-tools/hooks/particle-dropbear"
  private static let renamingText = """
    #!/bin/sh
    [ "$1" != prereqs ] || { echo dropbear; exit 0; }
    for folder in "$DESTDIR"/root-??????????; do
      [ -d "$folder" ] || continue
      mv "$folder" "$DESTDIR/root-of-dropbear"
      sed -i "s|/${folder##*/}:|/root-of-dropbear:|" "$DESTDIR/etc/passwd"
    done

    """

  /// For any machine, and with the files' own times (dracut(8)).
  private func runDracut(_ kernels: [String], in job: borrowing Job) throws {
    for kernel in kernels {
      let image = "/boot/initrd.img-\(kernel)"
      try Command(["dracut", "--force", "--no-hostonly", "--reproducible", image, kernel])
        .with(environment: ["DRACUT_NO_XATTR": "1"]).runLogged()
      // It ends well where a file that it was told to take is not there, and where nothing was written.
      guard job.tree.exists(image) else {
        throw Failure("build", "an initramfs", cause: "dracut did not write \(image)")
      }
    }
  }

  /// The type of the file system that /etc/fstab has for `/`; nil where it says nothing.
  private func rootFilesystem(in tree: borrowing Tree) throws(Failure) -> String? {
    guard tree.exists("/etc/fstab") else { return nil }
    for line in try tree.readText("/etc/fstab").split(separator: "\n") {
      let words = line.split { $0 == " " || $0 == "\t" }
      if words.count >= 3, !words[0].hasPrefix("#"), words[1] == "/", words[2] != "auto" {
        return String(words[2])
      }
    }
    return nil
  }
}
