internal import Files
internal import Glibc
package import Model
internal import Processes

/// Under which conditions a check builds again: different from those of the first build in all that
/// must not reach a result.
package struct Conditions: Sendable {
  /// Where stages write while they work.
  package var place: Workspace.Place
  /// How many stages may run at once.
  package var jobs: Int

  /// The conditions that differ from those of a build.
  package init(unlike build: Build) {
    place = (build.place ?? .preferred) == .memory ? .disk : .memory
    jobs = build.jobs == 1 ? 2 : 1
  }

  /// Gives an environment another time zone, language, user and home.
  ///
  /// - Parameters:
  ///   - current: The environment of this process.
  ///   - stages: The folders of stages, in the order they are looked for.
  /// - Returns: The environment for the second build.
  package func environment(_ current: [String: String], stages: [String]) -> [String: String] {
    var environment = current
    environment["TZ"] = "XXX-13:30"
    environment["LANG"] = "tr_TR.UTF-8"
    environment["LC_ALL"] = "tr_TR.ISO-8859-9"
    environment["USER"] = "somebody"
    environment["HOME"] = "/nonexistent"
    environment["PARTICLE_WORK"] = place.rawValue
    environment["PARTICLE_STAGES"] = stages.joined(separator: ":")
    return environment
  }

  /// Changes this process: its host name, working directory, umask and number of processors.
  ///
  /// It ends when the process that started it does. Must be called before there are threads.
  package static func enter() throws(Failure) {
    try OwnProcess.endWithParent()
    // Whoever may not have a host name of their own keeps that of the machine.
    try? OwnProcess.setHostName("another-host")
    try OwnProcess.useOneProcessor()
    umask(0o077)
    guard chdir("/") == 0 else { throw .system("go to", "/") }
  }
}
