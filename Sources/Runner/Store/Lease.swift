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

  /// Takes a name, and removes the files of runs that are gone.
  ///
  /// - Parameter root: The store's folder, with its folders in it.
  /// - Throws: When nothing can be written there.
  package init(root: String) throws(Failure) {
    self.root = root
    if let alone = try FileLock.attempt(Self.turnPath(root), .exclusive) {
      _ = try Self.held(in: root, during: alone)
      _ = consume alone
    }
    let turn = try FileLock(Self.turnPath(root), .shared)
    path = "\(root)/runs/\(getpid())-\(UInt32.random(in: .min ... .max))"
    lock = try FileLock(path, .exclusive)
    file = try FileDescriptor.open(path, O_WRONLY | O_APPEND)
    _ = consume turn
  }

  /// Gives everything free.
  package func end() { unlink(path) }

  /// Protects objects, whether they are there or not.
  ///
  /// - Throws: When the store's disk is full; they are not protected then.
  package func hold(_ objects: [StoreObject]) throws(Failure) {
    let new = names.withLock { names in objects.filter { !names.contains($0.name) } }
    guard !new.isEmpty else { return }
    let turn = try FileLock(Self.turnPath(root), .shared)
    try file.write(Array(new.map { $0.name + "\n" }.joined().utf8))
    _ = consume turn
    names.withLock { $0.formUnion(new.map(\.name)) }
  }

  /// Reads what live runs use, and removes the files of runs that are gone.
  ///
  /// - Parameters:
  ///   - root: The store's folder.
  ///   - turn: The exclusive lock that keeps others from taking up more meanwhile.
  /// - Returns: The names of the objects.
  /// - Throws: When a file cannot be read.
  static func held(in root: String, during turn: borrowing FileLock) throws(Failure)
    -> Set<String>
  {
    var names: Set<String> = []
    for name in try Files.entries(in: root + "/runs").compactMap(\.text) {
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
