internal import Files
internal import Glibc
package import Model
internal import Synchronization

/// What one run uses of a store: while the run lives, none of that is evicted.
///
/// A run holds a lock on its file in `runs`, and writes the name of an object there before it looks
/// whether the object is in the store. Whoever evicts reads the files that are locked, and does so
/// while nobody can write to them.
package final class Lease: Sendable {
  private let root: String
  private let path: String
  private let lock: FileLock
  private let file: FileDescriptor
  private let names = Mutex(Set<String>())

  /// - Parameter root: The store's folder, with its folders in it.
  package init(root: String) throws(Failure) {
    self.root = root
    let turn = try FileLock(Self.turnPath(root), .shared)
    path = "\(root)/runs/\(getpid())-\(UInt32.random(in: .min ... .max))"
    lock = try FileLock(path, .exclusive)
    file = try FileDescriptor.open(path, O_WRONLY | O_APPEND)
    _ = consume turn
  }

  deinit { unlink(path) }

  /// Protects objects, whether they are there or not.
  package func hold(_ objects: [StoreObject]) throws(Failure) {
    let new = names.withLock { names in objects.filter { !names.contains($0.name) } }
    guard !new.isEmpty else { return }
    let turn = try FileLock(Self.turnPath(root), .shared)
    try file.write(Array(new.map { $0.name + "\n" }.joined().utf8))
    _ = consume turn
    names.withLock { $0.formUnion(new.map(\.name)) }
  }

  /// The names of all that live runs use; the files of runs that are gone are removed.
  ///
  /// - Parameter turn: The lock that keeps others from taking up more, which shows that it is held.
  static func held(in root: String, during turn: borrowing FileLock) throws(Failure) -> Set<String> {
    var names: Set<String> = []
    for name in try Files.names(in: root + "/runs") {
      let path = "\(root)/runs/\(name)"
      if let lock = try FileLock.attempt(path, .exclusive) {
        unlink(path)
        _ = consume lock
      } else {
        names.formUnion(try Files.readText(path).split(separator: "\n").map(String.init))
      }
    }
    return names
  }

  /// The lock that is shared by runs while they take up objects, and exclusive for who evicts.
  static func turnPath(_ root: String) -> String { root + "/runs.lock" }
}
