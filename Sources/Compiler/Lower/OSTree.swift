internal import Model
internal import StageContracts

/// The pipelines of an image whose system OSTree deploys: the system, the repository with it, and where
/// there is a disk, the root that it is deployed in.
func ostree(
  _ recipe: Recipe, _ image: Image, _ own: OwnFiles, initramfs: [Step],
  on architecture: Architecture
) -> [Draft] {
  let wanted = image.ostree ?? Image.OSTree()
  let ref = wanted.ref ?? "\(recipe.name)/\(architecture.rawValue)"
  let plan = DiskPlan(image, of: recipe.name, on: architecture)
  let (system, repository) = ("\(image.name).system", "\(image.name).ostree")
  // The root is what the kernel's arguments say.
  let mounts = image.hasDisk ? plan.mounts.filter { $0.target != "/" } : []
  let grows = image.hasDisk && plan.root.grow.value
  let deployed = Step(
    placing: deploymentFiles + (grows ? plan.growth + [growingRoot] : []),
    links: grows ? [startOfGrowth] : [])
  var drafts = [
    Draft(
      system, base: "os",
      [Step(Fstab(mounts: mounts, isKeeping: own.hasMounts)), deployed] + initramfs + [
        Step(Normalise(keep: own.kept)), Step(OSTreeLayout()),
      ]),
    Draft(
      repository, build: "build",
      [
        Step(
          OSTreeCommit(ref: ref, subject: recipe.description, systemVersion: wanted.version),
          ["tree": .pipeline(system)])
      ]),
  ]
  guard image.hasDisk else { return drafts }
  let root = "\(image.name).root"
  let deployment = OSTreeDeploy(
    ref: ref, stateroot: wanted.stateroot ?? recipe.name, arguments: plan.deploymentArguments,
    separateBoot: plan.boot.mountPoint != "/")
  drafts.append(
    Draft(
      root, build: "build",
      [Step(deployment, ["repository": .pipeline(repository)])]
        + plan.loader(entries: OSTreeDeploy.menuFile)))
  var inputs: [String: Input] = ["tree": .pipeline(root)]
  let files = plan.filesystems(from: root)
  if !files.isEmpty {
    let filesystems = "\(image.name).filesystems"
    drafts.append(Draft(filesystems, build: "build", files))
    inputs["images"] = .pipeline(filesystems)
  }
  drafts.append(Draft("\(image.name).raw", build: "build", [Step(plan.disk, inputs)]))
  return drafts
}

/// What a system has so that OSTree can start and update it.
private let deploymentFiles = [
  PlacedFile("/usr/lib/ostree/prepare-root.conf", "[sysroot]\nreadonly=true\n"),
  PlacedFile(OSTreeDeploy.menuProgram, OSTreeDeploy.menuText, mode: 0o755),
  // Whoever changes the deployments: the service that does it at shutdown, root, and with sudo.
  PlacedFile(
    "/usr/lib/systemd/system/ostree-finalize-staged.service.d/10-menu.conf",
    "[Service]\nEnvironment=OSTREE_GRUB2_EXEC=\(OSTreeDeploy.menuProgram)\n"),
  PlacedFile(
    "/etc/profile.d/ostree-menu.sh",
    "export OSTREE_GRUB2_EXEC=\(OSTreeDeploy.menuProgram)\n"),
  PlacedFile(
    "/etc/sudoers.d/ostree-menu", "Defaults env_keep += \"OSTREE_GRUB2_EXEC\"\n", mode: 0o440),
]

/// What lets the file system grow with its partition: it is at /sysroot, which is read-only for all else, and
/// in no fstab that systemd-growfs@.service(8) could come from.
private let growingRoot = PlacedFile(
  "/usr/lib/systemd/system/ostree-growfs.service",
  """
  [Unit]
  Description=Grow the File System of the Deployments
  DefaultDependencies=no
  After=systemd-repart.service ostree-remount.service
  Before=sysinit.target shutdown.target
  Conflicts=shutdown.target

  [Service]
  Type=oneshot
  RemainAfterExit=yes
  PrivateMounts=yes
  ExecStart=/bin/sh -c "mount -o remount,rw /sysroot && exec /usr/lib/systemd/systemd-growfs /sysroot"

  """)

private let startOfGrowth = FileCopies.Link(
  path: "/usr/lib/systemd/system/sysinit.target.wants/ostree-growfs.service",
  target: "../ostree-growfs.service")

extension DiskPlan {
  /// The kernel's arguments, without the one that OSTree adds: its root has to be writable.
  fileprivate var deploymentArguments: [String] {
    let asked = image.boot?.arguments(on: architecture) ?? ""
    return ["root=\(source(of: root))", "rw"] + KernelArguments(asked).arguments
  }
}
