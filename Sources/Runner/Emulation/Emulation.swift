internal import Files
package import Model

/// How this machine runs programs of another architecture.
///
/// The programs of stages are its own, and run as always; what they start in a tree of another
/// architecture, the kernel hands to an interpreter (binfmt_misc).
package enum Emulation: Sendable {
  /// The machine runs them by itself, or is set up to.
  case ofMachine
  /// Only in this run's own user namespace.
  case ofNamespace(EmulatingNamespace)

  /// The namespace that sandboxes have to be in; nil for the runner's own.
  package var userNamespace: Int32? {
    if case .ofNamespace(let namespace) = self { namespace.users.raw } else { nil }
  }

  /// Finds out how programs of `architecture` run here, by running one.
  ///
  /// - Parameters:
  ///   - architecture: Of the trees that stages are to stand in.
  ///   - folder: An empty folder for the trial.
  /// - Returns: The way in which it ran.
  /// - Throws: With the remedy, when they do not run.
  package static func find(for architecture: Architecture, in folder: String) throws(Failure)
    -> Emulation
  {
    let trial = Trial(architecture: architecture, folder: folder)
    if architecture == Architecture.own { return .ofMachine }
    if try trial.succeeds(in: nil) { return .ofMachine }
    let interpreter = try Interpreter.find(for: architecture)
    let copy = try interpreter.copy(in: folder)
    // Who has opened it stays with this mount.
    defer { try? Mount.remove(copy) }
    let namespace = try EmulatingNamespace(with: interpreter, copy: copy)
    guard try trial.succeeds(in: namespace.users.raw) else {
      throw Failure(
        "run", "\(architecture.rawValue) programs",
        cause: "\(interpreter.path) does not work in a sandbox",
        remedy: "apt install --reinstall qemu-user-static")
    }
    return .ofNamespace(namespace)
  }
}
