internal import CLinux
internal import Files
internal import Glibc

/// What is in the sandbox's own file systems in memory.
struct MemoryFiles {
  /// In bytes.
  private(set) var size = 0

  /// Of tmpfs (linux/magic.h).
  private static let kind = 0x0102_1994

  /// - Parameter first: The first process of the sandbox. Before that has the sandbox's root, there is nothing.
  init(of first: pid_t) {
    guard (try? Files.readText("/proc/\(first)/comm")) == "init\n" else { return }
    let root = open("/proc/\(first)/root", PARTICLE_O_PATH | O_DIRECTORY | O_CLOEXEC)
    guard root >= 0 else { return }
    defer { close(root) }
    for name in ["dev", "run", "tmp"] {
      // A link in the stage's tree must not lead to a file system of the host.
      let raw = particle_open_in_root(root, name, PARTICLE_O_PATH | O_DIRECTORY, 0)
      guard raw >= 0 else { continue }
      defer { close(raw) }
      var info = statvfs()
      guard particle_filesystem_type("/proc/self/fd/\(raw)") == Self.kind,
        fstatvfs(raw, &info) == 0
      else { continue }
      size += Int(info.f_blocks - info.f_bfree) * Int(info.f_frsize)
    }
  }
}
