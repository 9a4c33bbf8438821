internal import Files
internal import Glibc
package import Model

/// Removes objects from a store, never what a live run uses.
///
/// An object first leaves its place, by one rename, and is deleted after that: nobody sees half of
/// one, and what a killed run leaves behind is removed by the next.
package struct Eviction: Sendable {
  private let store: Store

  package init(from store: Store) { self.store = store }

  package struct Outcome: Sendable, Equatable {
    package var removed = 0
    /// In bytes.
    package var freed = 0
    /// What the store takes after that, in bytes.
    package var size = 0
    /// What could not be removed, and why, for people.
    package var left: [String] = []
  }

  /// Removes what was not used for the longest time, until the store takes no more than `limit`.
  ///
  /// What is in the store is counted anew each time; what killed runs left in `tmp` goes first.
  ///
  /// - Parameter limit: In bytes; 0 removes all that no live run uses.
  /// - Returns: What was removed, and what is left.
  /// - Throws: When the store cannot be read or changed.
  package func shrink(to limit: Int) throws(Failure) -> Outcome {
    let turn = try FileLock(store.root + "/lock", .exclusive)
    let left = try Workspace.sweep(store)
    _ = consume turn
    removeUnfinished()
    let inventory = try Inventory(of: store)
    var outcome = Outcome(size: inventory.size, left: left.map(\.description))
    if outcome.size <= limit { return outcome }
    let oldestFirst = inventory.items.sorted { a, b in
      (a.used, a.object.name) < (b.used, b.object.name)
    }
    let failure = try remove(oldestFirst) { item in
      guard outcome.size > limit else { return false }
      outcome.removed += 1
      outcome.freed += item.size
      outcome.size -= item.size
      return true
    }
    if let failure { outcome.left.append(failure.description) }
    return outcome
  }

  /// Removes files that a killed run was writing beside their places.
  ///
  /// They are small: none is at work for an hour.
  private func removeUnfinished() {
    for kind in StoreObject.Kind.allCases {
      let folder = "\(store.root)/\(kind.rawValue)"
      for name in (try? Files.names(in: folder)) ?? [] where name.hasSuffix(".new") {
        guard let info = try? Files.information("\(folder)/\(name)"),
          info.st_mtim.tv_sec < time(nil) - 3600
        else { continue }
        unlink("\(folder)/\(name)")
      }
    }
  }

  /// Tries once more to remove what was put aside.
  ///
  /// - Returns: What is still there, and why, for people.
  /// - Throws: When the store cannot be read.
  package func removeLeft() throws(Failure) -> [String] {
    let folder = store.root + "/left"
    guard Files.exists(folder) else { return [] }
    var left: [String] = []
    for name in try Files.entries(in: folder).compactMap(\.text) {
      do throws(Failure) { try Files.removeTree("\(folder)/\(name)") } catch {
        left.append(error.description)
      }
    }
    return left
  }

  /// Removes these objects, used or not for long.
  ///
  /// - Returns: Those that stay since a live run uses them.
  package func remove(_ objects: [StoreObject]) throws(Failure) -> [StoreObject] {
    let items = objects.compactMap { object in
      object.lastUse(in: store.root).map { Inventory.Item(object: object, size: 0, used: $0) }
    }
    var removed: Set<StoreObject> = []
    if let failure = try remove(items, accept: { removed.insert($0.object).inserted }) {
      throw failure
    }
    return items.map(\.object).filter { !removed.contains($0) }
  }

  /// Removes items in order, those that `accept` takes.
  ///
  /// - Returns: What could not be removed; it is no part of the store any more.
  private func remove(_ items: [Inventory.Item], accept: (Inventory.Item) -> Bool) throws(Failure)
    -> Failure?
  {
    let turn = try FileLock(store.root + "/lock", .exclusive)
    let bin = try Files.makeTemporaryDirectory(in: store.root + "/tmp", prefix: "gone-")
    let lock = try FileLock(bin + ".lock", .exclusive)
    _ = consume turn
    let alone = try FileLock(Lease.turnPath(store.root), .exclusive)
    let held = try Lease.held(in: store.root, during: alone)
    for (index, item) in items.enumerated() {
      // A run that has ended meanwhile may have used it.
      guard !held.contains(item.object.holder.name),
        item.object.lastUse(in: store.root) == item.used, accept(item)
      else { continue }
      try Files.rename("\(store.root)/\(item.object.name)", to: "\(bin)/\(index)")
      if item.object.kind == .sources { unlink("\(store.root)/\(item.object.stamp)") }
    }
    _ = consume alone
    let failure = Workspace.discard(bin, of: store)
    unlink(bin + ".lock")
    _ = consume lock
    return failure
  }
}
