import CLinux
import Files
import Glibc
import Model
import StageKit

/// Tries what no stage may do: a line for each, with what the system said.
func attempts(in tree: borrowing Tree) -> String {
  var lines: [String] = []
  func attempt(_ name: String, _ status: Int32) {
    let code = errno
    lines.append("\(name): \(status < 0 ? String(cString: strerror(code)) : "done")")
  }
  func overwrite(_ path: String) -> Int32 { open(path, O_WRONLY) }

  attempt("mount", particle_mount("none", "/tmp", "tmpfs", 0, nil))
  attempt("unmount", particle_unmount("/proc"))
  attempt("new namespace", particle_unshare_users_and_mounts())
  attempt("device node", mknod(tree.outside("/node"), S_IFBLK | 0o600, 0x800))
  attempt("change root", chroot("/tmp"))
  attempt("host name", sethostname("x", 1))
  var now = timeval(tv_sec: 0, tv_usec: 0)
  attempt("clock", settimeofday(&now, nil))
  attempt("virtual machine's socket", socket(40, Int32(SOCK_STREAM.rawValue), 0))
  attempt("connect", connect())
  attempt("its own program", chmod("/run/particle/stage", 0o777))
  attempt("kernel settings", overwrite("/proc/sys/kernel/core_pattern"))
  attempt("interrupts", overwrite("/proc/irq/default_smp_affinity"))
  attempt("signal outside", kill(1_000_000, SIGTERM))
  attemptFiles(attempt)
  attemptCalls(attempt)
  return lines.joined(separator: "\n") + "\n"
}

/// What there is of the host's: the programs of processes, and devices.
///
/// Where nothing refuses it, all stays as it was.
private func attemptFiles(_ attempt: (String, Int32) -> Void) {
  func attemptAll(_ what: String, _ path: String) {
    var info = stat()
    stat(path, &info)
    attempt("mode of \(what)", chmod(path, info.st_mode & 0o7777))
    attempt("owner of \(what)", chown(path, info.st_uid, info.st_gid))
    attempt("time of \(what)", utimensat(AT_FDCWD, path, [info.st_atim, info.st_mtim], 0))
    // Whoever may write to a file may do this, too.
    attempt("present time of \(what)", utimensat(AT_FDCWD, path, nil, 0))
  }
  for process in 1...3 where Files.exists("/proc/\(process)") {
    attemptAll("program \(process)", "/proc/\(process)/exe")
    attempt("write to program \(process)", open("/proc/\(process)/exe", O_WRONLY))
  }
  for name in ["null", "urandom"] { attemptAll(name, "/dev/\(name)") }
  for name in ["key-users", "keys", "kpagecount", "locks", "slabinfo", "timer_list", "vmallocinfo"]
  {
    attempt("the kernel's \(name)", open("/proc/\(name)", O_RDONLY))
  }
  attempt("its own settings in /proc", open("/proc/self/oom_score_adj", O_WRONLY))
}

/// Calls that the C library has no function for.
private func attemptCalls(_ attempt: (String, Int32) -> Void) {
  func call(_ name: String, _ number: Int, _ words: Int...) {
    let all = words + [0, 0, 0]
    attempt(name, Int32(truncatingIfNeeded: particle_call(number, all[0], all[1], all[2], 0)))
  }
  call("secret memory", 447)
  call("mounts told", 457)
  call("mounts listed", 458)
  call("mount copied", 467, -100)
  call("quotas", 443)
  call("a call of the future", 500)
  call("typing into a terminal", Int(__NR_ioctl), 0, 0x5412)
  call("sockets of the cluster", Int(__NR_socketpair), 30, 2)
  for (name, number) in [("audit", 9), ("processes", 11), ("devices", 15)] {
    call("news of \(name)", Int(__NR_socket), 16, 3, number)
  }
  #if arch(x86_64)
    call("segments", Int(__NR_modify_ldt))
    call("libraries", Int(__NR_uselib))
  #endif
}

/// To an address that is for documentation only.
private func connect() -> Int32 {
  let raw = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  guard raw >= 0 else { return raw }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = UInt16(80).bigEndian
  address.sin_addr.s_addr = UInt32(0xc000_0201).bigEndian
  let size = socklen_t(MemoryLayout<sockaddr_in>.size)
  return withUnsafePointer(to: address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(raw, $0, size) }
  }
}

/// Says so much.
func flood(megabytes: Int) {
  let piece = Array((String(repeating: "x", count: 1023) + "\n").utf8)
  for _ in 0..<megabytes * 1024 { _ = write(1, piece, piece.count) }
}

/// Leaves a process behind, in a session of its own and with nothing of ours open, that waits for
/// what never comes: a request on a pipe that it holds itself.
func linger(as name: String) throws {
  let pipe = try Pipe()
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_adddup2(&actions, pipe.writing, 9)
  posix_spawn_file_actions_adddup2(&actions, pipe.reading, 0)
  posix_spawn_file_actions_adddup2(&actions, 9, 1)
  posix_spawn_file_actions_adddup2(&actions, 9, 2)
  var attributes = posix_spawnattr_t()
  posix_spawnattr_init(&attributes)
  defer { posix_spawnattr_destroy(&attributes) }
  posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
  var words = [strdup(name), nil]
  defer { for word in words { free(word) } }
  var process: pid_t = 0
  let code = posix_spawn(&process, "/run/particle/stage", &actions, &attributes, &words, environ)
  guard code == 0 else { throw Failure("start", name, cause: String(cString: strerror(code))) }
}

/// Takes so much memory, and waits for what never comes.
func hoard(megabytes: Int) {
  let memory = UnsafeMutableRawPointer.allocate(byteCount: megabytes << 20, alignment: 4096)
  for page in 0..<megabytes << 8 {
    memory.storeBytes(of: 1, toByteOffset: page << 12, as: UInt8.self)
  }
  pause()
}

/// Starts so many processes that do not end, and waits.
func multiply(_ count: Int, as name: String) throws {
  for _ in 0..<count { try linger(as: name) }
  pause()
}

/// The attribute of a program that may open ports below 1024 (`struct vfs_cap_data`, version 2).
let bindsLowPorts = ExtendedAttribute(
  name: "security.capability", value: [1, 0, 0, 2, 0, 4] + [UInt8](repeating: 0, count: 14))
