internal import Files
internal import Glibc
package import Model
package import Trees

/// One thing in a store that can be removed on its own.
package struct StoreObject: Sendable, Hashable {
  /// What objects there are; the raw values are their folders.
  package enum Kind: String, Sendable, CaseIterable {
    case sources = "sources/sha256"
    case layers, actions, logs, parts, failed, programs, outputs, durations

    /// Whether such an object is one file, not a directory.
    var isFile: Bool { self != .layers && self != .failed }
  }

  package var kind: Kind
  /// Its name in the folder.
  package var file: String

  package init(_ kind: Kind, _ file: String) {
    self.kind = kind
    self.file = file
  }

  /// Its path relative to the store.
  package var name: String { "\(kind.rawValue)/\(file)" }

  /// What protects it while a run uses that.
  package var holder: StoreObject {
    switch kind {
    case .logs: StoreObject(.actions, file.hasSuffix(".log") ? String(file.dropLast(4)) : file)
    case .parts: StoreObject(.sources, file)
    case .failed: StoreObject(.actions, file)
    case .sources, .layers, .actions, .programs, .outputs, .durations: self
    }
  }

  /// The file whose time says when the object was last used.
  ///
  /// A source's own time is seen by stages and stays the same.
  package var stamp: String {
    switch kind {
    case .sources: "used/\(file)"
    case .layers: name + "/listing"
    case .actions, .logs, .parts, .failed, .programs, .outputs, .durations: name
    }
  }

  /// When it was last used; nil when it is not there.
  package func lastUse(in root: String) -> Listing.Moment? {
    guard let own = try? Files.information("\(root)/\(name)") else { return nil }
    // A source from before there were stamps: linking it to a stage's inputs changed this time.
    let time = (try? Files.information("\(root)/\(stamp)"))?.st_mtim ?? own.st_ctim
    return Listing.Moment(seconds: time.tv_sec, nanoseconds: time.tv_nsec)
  }

  /// Says that it is used now; without effect where that cannot be written.
  package func setUsed(in root: String) {
    let path = "\(root)/\(stamp)"
    if utimensat(AT_FDCWD, path, nil, 0) != 0, kind == .sources {
      try? Files.write([], to: path, mode: 0o600)
    }
  }
}

extension Store {
  /// The same store for a run, which protects what it uses from eviction.
  package func leased() throws(Failure) -> Store {
    var store = self
    store.lease = try Lease(root: root)
    return store
  }

  /// Protects objects and says that they are used now.
  ///
  /// - Returns: False when they cannot be protected.
  func hold(_ objects: StoreObject...) -> Bool {
    guard let lease else { return true }
    guard (try? lease.hold(objects)) != nil else { return false }
    for object in objects where object.lastUse(in: root) != nil { object.setUsed(in: root) }
    return true
  }
}
