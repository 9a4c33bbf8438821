internal import CLinux
internal import Glibc
package import Model
internal import Synchronization

/// Mounts in this process's own mount namespace: no other process of the host sees them, and they
/// end with the process and its children.
package enum Mount {
  /// Gives this process a mount namespace of its own.
  ///
  /// Must be called before there are threads, since the namespace is that of the calling thread and
  /// of those it starts.
  package static func enterPrivateNamespace() throws(Failure) {
    guard particle_unshare_mounts() == 0 else { throw .system("make", "a mount namespace") }
    try keepToOurselves()
  }

  /// Gives this process a user namespace of its own, and in it a mount namespace.
  ///
  /// Must be called before there are threads: the kernel refuses it to a process that has several.
  /// Ids are mapped by newuidmap(1) and newgidmap(1), from outside.
  package static func enterUserNamespace() throws(Failure) {
    guard particle_unshare_users_and_mounts() == 0 else {
      throw .system("make", "a user namespace")
    }
    try keepToOurselves()
  }

  private static func keepToOurselves() throws(Failure) {
    let flags = PARTICLE_MS_REC | PARTICLE_MS_PRIVATE
    guard particle_mount("none", "/", nil, flags, nil) == 0 else {
      throw .system("make private", "the mounts of the host")
    }
  }

  /// Mounts an empty file system in memory.
  ///
  /// The most it may hold is `limit`, in bytes.
  package static func memory(at target: String, limit: Int) throws(Failure) {
    let flags = PARTICLE_MS_NOSUID | PARTICLE_MS_NODEV
    guard particle_mount("particle", target, "tmpfs", flags, "mode=0755,size=\(limit)") == 0 else {
      throw .system("mount", "a file system in memory at \(target)")
    }
  }

  /// What a writable overlay writes to; both folders are on one file system.
  package struct Upper: Sendable {
    package var changes: String
    /// An empty folder for the kernel.
    package var work: String
    package init(changes: String, work: String) {
      self.changes = changes
      self.work = work
    }
  }

  /// Mounts folders over one another.
  ///
  /// - Parameters:
  ///   - layers: The folders, lowest first; two or more different ones when there is no `upper`.
  ///   - upper: Where changes go; nil for a read-only mount.
  ///   - target: The folder where they are seen as one.
  /// - Throws: When the kernel refuses, as it does above about 200 layers.
  package static func overlay(_ layers: [String], upper: Upper?, at target: String)
    throws(Failure)
  {
    // The kernel takes one page of options. Names of open files are short whatever the store's
    // path is, and have none of the characters that need escapes here. It shows them to everybody who sees
    // the mount, so the numbers must not tell what else is open: one mount at a time takes high ones, from
    // the same one on.
    try numbering.withLock { _ throws(Failure) in
      var opened: [Int32] = []
      defer { for raw in opened { close(raw) } }
      func name(_ path: String) throws(Failure) -> String {
        let raw = open(path, PARTICLE_O_PATH | O_DIRECTORY | O_CLOEXEC)
        guard raw >= 0 else { throw .system("open", path) }
        let number = particle_duplicate_from(raw, firstNumber)
        // Where there may not be so many open files, any number does.
        if number >= 0 { close(raw) }
        opened.append(number >= 0 ? number : raw)
        return "/proc/self/fd/\(opened[opened.count - 1])"
      }
      var lower: [String] = []
      var seen: Set<String> = []
      // The kernel refuses a folder that is there twice. What the lower one has, the higher one
      // covers.
      for layer in layers.reversed() where seen.insert(layer).inserted {
        lower.append(try name(layer))
      }
      var options = "lowerdir=" + lower.joined(separator: ":")
      options += ",redirect_dir=nofollow,metacopy=off,index=off,xino=off"
      if UserNamespace.isOwn { options += ",userxattr" }
      if let upper {
        options += ",upperdir=\(try name(upper.changes)),workdir=\(try name(upper.work)),volatile"
      }
      let flags = upper == nil ? PARTICLE_MS_RDONLY : 0
      guard options.utf8.count < 4096 else {
        throw Failure(
          "mount", "the tree of \(layers.count) layers",
          cause: "the kernel supports no more than about 200 layers",
          remedy: "merge script or files modules of the recipe: each stage adds a layer")
      }
      guard particle_mount("overlay", target, "overlay", flags, options) == 0 else {
        throw .system("mount", "a tree of \(layers.count) layers at \(target)")
      }
    }
  }

  private static let numbering = Mutex(())
  private static let firstNumber: Int32 = 512

  /// Mounts a file or folder over itself, so that nobody can change anything of it there.
  package static func readOnly(_ path: String) throws(Failure) {
    let flags = PARTICLE_MS_RDONLY | PARTICLE_MS_NOSUID | PARTICLE_MS_NODEV
    guard particle_mount(path, path, nil, PARTICLE_MS_BIND, nil) == 0,
      particle_mount("none", path, nil, PARTICLE_MS_REMOUNT | PARTICLE_MS_BIND | flags, nil) == 0
    else { throw .system("mount read-only", path) }
  }

  /// Takes a mount away, with all that is mounted beneath it.
  package static func remove(_ target: String) throws(Failure) {
    guard particle_unmount(target) == 0 else { throw .system("unmount", target) }
  }

  /// Devices that every machine has, as `Documentation/admin-guide/devices.txt` of Linux numbers them.
  private static let devices: KeyValuePairs = [
    "full": (1, 7), "null": (1, 3), "random": (1, 8), "tty": (5, 0), "urandom": (1, 9),
    "zero": (1, 5),
  ]

  /// Puts files of this process's own in the place of the machine's devices, which nobody can change there.
  ///
  /// The machine's own files would let those who have them see when others open them, and keep others from locking them.
  /// Where this process may not make devices, the machine's stay, and can be used and not changed.
  ///
  /// Must be called in a mount namespace of this process's own, before there are threads.
  ///
  /// - Throws: When a device is missing, or the kernel refuses the mounts.
  package static func ownDevices() throws(Failure) {
    var places: [(name: String, raw: Int32)] = []
    defer { for place in places { close(place.raw) } }
    for (name, _) in devices {
      let raw = open("/dev/\(name)", PARTICLE_O_PATH | O_CLOEXEC)
      guard raw >= 0 else { throw .system("open", "/dev/\(name)") }
      places.append((name, raw))
    }
    let flags = PARTICLE_MS_NOSUID | PARTICLE_MS_NOEXEC
    if particle_mount("particle", "/dev", "tmpfs", flags, "mode=0755,size=64k") == 0 {
      // What is mounted elsewhere stays when the folder goes.
      defer { _ = particle_unmount("/dev") }
      for (place, device) in zip(places, devices) {
        let path = "/dev/\(place.name)"
        let (major, minor) = device.value
        guard mknod(path, S_IFCHR | 0o666, dev_t(major << 8 | minor)) == 0,
          chmod(path, 0o666) == 0, utimensat(AT_FDCWD, path, [timespec(), timespec()], 0) == 0,
          isUsable(path),
          particle_mount(path, "/proc/self/fd/\(place.raw)", nil, PARTICLE_MS_BIND, nil) == 0
        else { break }
      }
    }
    for (name, _) in devices { try readOnly(device: "/dev/\(name)") }
  }

  /// Whether a device can be opened: some machines allow to make them and not to use them.
  private static func isUsable(_ path: String) -> Bool {
    let raw = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
    // A process without a terminal has none.
    guard raw >= 0 else { return errno == ENXIO }
    close(raw)
    return true
  }

  /// Mounts a device over itself, so that it can be used and its mode, owner and times can't be changed there.
  private static func readOnly(device path: String) throws(Failure) {
    var info = statvfs()
    guard statvfs(path, &info) == 0 else { throw .system("inspect", path) }
    // In a user's namespace what is already refused there has to stay so. The numbers are those of mount(2).
    let flags = info.f_flag & (PARTICLE_MS_NOSUID | PARTICLE_MS_NOEXEC) | PARTICLE_MS_RDONLY
    guard particle_mount(path, path, nil, PARTICLE_MS_BIND, nil) == 0,
      particle_mount("none", path, nil, PARTICLE_MS_REMOUNT | PARTICLE_MS_BIND | flags, nil) == 0
    else { throw .system("mount read-only", path) }
  }

  /// What statfs(2) calls the type of the file system that a path is on; -1 where there is no such path.
  package static func kind(of path: String) -> Int { particle_filesystem_type(path) }

  /// Whether the path is on an overlay, which cannot hold the layers of another one.
  package static func isOnOverlay(_ path: String) -> Bool {
    particle_filesystem_type(path) == 0x794c_7630
  }

  /// What marks a folder that hides what lower layers have in it.
  ///
  /// Outside the first user namespace only attributes of users can be set.
  package static let opaque = ExtendedAttribute(
    name: (UserNamespace.isOwn ? "user" : "trusted") + ".overlay.opaque",
    value: [UInt8(ascii: "y")])

  /// Whether an attribute is a note of the kernel for its overlays (such as where a file was copied
  /// up from), and no part of the tree.
  package static func isNote(_ attribute: ExtendedAttribute) -> Bool {
    ["trusted.overlay.", "user.overlay."].contains { attribute.name.hasPrefix($0) }
  }
}
