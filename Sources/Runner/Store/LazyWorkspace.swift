package import Model
internal import Synchronization

/// The workspace of a run, made when the first stage wants it: a run that has nothing to do needs
/// no folder and no mounts.
package final class LazyWorkspace: Sendable {
  private let store: Store
  private let place: Workspace.Place?
  private let warn: @Sendable (Failure) -> Void
  private let made = Mutex<Workspace?>(nil)

  /// - Parameters:
  ///   - store: As for the workspace.
  ///   - place: As for the workspace.
  ///   - warn: Is given what earlier runs left and nobody could remove.
  package init(
    in store: Store, place: Workspace.Place?, warn: @escaping @Sendable (Failure) -> Void
  ) {
    self.store = store
    self.place = place
    self.warn = warn
  }

  /// The one workspace; everyone who asks gets the same.
  package func open() throws(Failure) -> Workspace {
    try made.withLock { (made) throws(Failure) in
      if let made { return made }
      let workspace = try Workspace(in: store, place: place)
      made = workspace
      workspace.leftOver.forEach(warn)
      return workspace
    }
  }

  /// Removes the workspace, if there is one.
  ///
  /// Stages must not be running any more.
  package func remove() { made.withLock(\.self)?.remove() }
}
