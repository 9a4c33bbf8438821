internal import CLinux
internal import Files
internal import Glibc
internal import Model

/// The files that a process is started with: each at its number, and none beside them.
///
/// Whatever else is open here, by us or by whoever started us, stays here.
struct OpenFiles: ~Copyable {
  /// The process's numbers and ours, none of which is another's number there.
  private var files: [Int32: Int32] = [:]
  private var copies: [Int32] = []

  /// - Parameter wanted: The process's numbers and ours.
  /// - Throws: When there may be no more open files.
  init(_ wanted: [Int32: Int32]) throws(Failure) {
    let last = wanted.keys.max() ?? 0
    for (theirs, ours) in wanted {
      guard ours != theirs, wanted[ours] != nil else {
        files[theirs] = ours
        continue
      }
      // Another file takes that number before this one is copied from it.
      let copy = particle_duplicate_from(ours, last + 1)
      guard copy >= 0 else { throw .system("copy", "file descriptor \(ours)") }
      copies.append(copy)
      files[theirs] = copy
    }
  }

  /// Pairs of the process's number and ours, by its numbers.
  var pairs: [Int32] { files.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] } }

  deinit { for copy in copies { close(copy) } }

  /// Has a process get them when it is started.
  ///
  /// They must be open until then.
  func add(to actions: inout posix_spawn_file_actions_t) {
    for (theirs, ours) in files.sorted(by: { $0.key < $1.key }) {
      posix_spawn_file_actions_adddup2(&actions, ours, theirs)
    }
    let last = max(2, files.keys.max() ?? 2)
    for number in 3...max(3, last) where files[number] == nil {
      posix_spawn_file_actions_addclose(&actions, number)
    }
    particle_spawn_closing_from(&actions, last + 1)
  }
}
