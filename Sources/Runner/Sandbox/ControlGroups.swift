internal import Files
internal import Glibc
internal import Model
internal import Synchronization

/// The control groups of version 2 that this run makes for its stages (the kernel's admin-guide/cgroup-v2.rst).
///
/// They are the kernel's own fence around what `LimitWatch` looks at from time to time. A machine gives them to
/// a runner that is alone in a control group that it may divide: in a unit with `Delegate=yes`.
package final class ControlGroups: Sendable {
  /// The runner's own group, which holds those of stages.
  private let path: String
  private let count = Mutex(0)

  /// Where the file systems of control groups are, as systemd mounts them.
  private static let places = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"]
  /// CGROUP2_SUPER_MAGIC of linux/magic.h.
  private static let kind = 0x6367_7270
  private static let controllers: [Substring] = ["memory", "pids"]

  /// - Throws: With the reason, where the machine gives none.
  init() throws(Failure) {
    let own = try Files.readText("/proc/self/cgroup").split(separator: "\n")
      .first { $0.hasPrefix("0::") }
    guard let own, let place = Self.places.first(where: { Mount.kind(of: $0) == Self.kind }) else {
      throw Self.none("cgroup v2 is not mounted")
    }
    path = place + own.dropFirst(3)
    let offered = Self.words(in: path + "/cgroup.controllers")
    guard Self.controllers.allSatisfy({ offered.contains($0) }) else {
      throw Self.none("\(path) lacks the controllers memory and pids")
    }
    guard Self.words(in: path + "/cgroup.procs") == ["\(getpid())"] else {
      throw Self.none("\(path) has other processes")
    }
    // Only a group without processes of its own can be divided.
    let runner = path + "/runner"
    try Files.makeDirectories(runner)
    try Self.set(runner + "/cgroup.procs", "\(getpid())")
    do throws(Failure) { try Self.set(path + "/cgroup.subtree_control", "+memory +pids") } catch {
      try Self.set(path + "/cgroup.procs", "\(getpid())")
      rmdir(runner)
      throw error
    }
  }

  private static func none(_ cause: String) -> Failure {
    Failure(
      "create", "control groups for stages", cause: cause,
      remedy: "systemd-run --scope -p Delegate=yes particle-run …")
  }

  private static func words(in file: String) -> [Substring] {
    ((try? Files.readText(file)) ?? "").split(whereSeparator: \.isWhitespace)
  }

  fileprivate static func set(_ file: String, _ value: String) throws(Failure) {
    try FileDescriptor.open(file, O_WRONLY).write(Array(value.utf8))
  }

  /// Makes the group of a stage.
  ///
  /// The kernel counts in it what the stage writes to a tree in memory, and `LimitWatch` does not: so it lets the
  /// stage have that much more, and `LimitWatch` is the one that is usually first.
  ///
  /// - Parameters:
  ///   - limits: What the stage may take.
  ///   - room: What such a tree may hold, in bytes.
  /// - Returns: The group, empty.
  /// - Throws: When the kernel refuses one.
  func make(_ limits: StageLimits, room: Int) throws(Failure) -> ControlGroup {
    let number = count.withLock { count in
      count += 1
      return count
    }
    let group = try ControlGroup(path: "\(path)/stage-\(number)")
    try Self.set(group.path + "/memory.max", "\(limits.memory.bytes + room)")
    try Self.set(group.path + "/memory.oom.group", "1")
    // bubblewrap is in it, too, and must be able to start when the limit is low.
    try Self.set(group.path + "/pids.max", "\(limits.processes + 16)")
    // The kernel may have no swap.
    try? Self.set(group.path + "/memory.swap.max", "\(limits.memory.bytes)")
    return group
  }
}

/// The control group of one stage, which is removed when nobody needs it.
final class ControlGroup: Sendable {
  let path: String
  /// The open folder.
  let folder: Int32

  fileprivate init(path: String) throws(Failure) {
    try Files.makeDirectories(path)
    folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    self.path = path
    guard folder >= 0 else { throw .system("open", path) }
  }

  deinit {
    close(folder)
    rmdir(path)
  }

  /// What the kernel has stopped the stage for.
  func excess(_ limits: StageLimits) -> StageLimits.Excess? {
    let events = try? Files.readText(path + "/memory.events")
    return (events.flatMap(OutOfMemory.kills) ?? 0) > 0 ? .memory(limit: limits.memory) : nil
  }
}
