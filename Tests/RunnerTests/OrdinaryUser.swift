import Files
import Glibc
import Model
import Processes
import TestSupport

/// A user who is not root, and whom only the commands here see; root plays them.
struct OrdinaryUser {
  static let id = 4242

  /// Runs a command as the user.
  ///
  /// - Parameters:
  ///   - command: The command, whose program may be where only root can go.
  ///   - scene: Whose store and outputs become the user's.
  ///   - ids: The lines of /etc/subuid and /etc/subgid.
  ///   - before: A command that root runs first, in the same view of the machine.
  ///   - shell: What runs it.
  /// - Returns: How it ended; status 90 where the view could not be made.
  /// - Throws: When it cannot be started.
  static func run(
    _ command: Command, in scene: Scene, ids: String = "ann:300000:65536\n",
    before: String = "true", shell: String = "sh"
  ) throws -> Command.Outcome {
    guard geteuid() == 0 else {
      throw Failure("play", "a user", cause: "only root can", remedy: "run the tests as root")
    }
    try Files.write(Array(ids.utf8), to: scene.folder + "/ids")
    let people = "root:x:0:0::/root:/bin/sh\nann:x:\(id):\(id)::/nowhere:/bin/sh\n"
    try Files.write(Array(people.utf8), to: scene.folder + "/passwd")
    // The programs may be where only root can go.
    let words = try command.arguments.map { word in
      guard word.hasPrefix(Scene.programs), let name = word.split(separator: "/").last else {
        return word
      }
      try Files.write(try Files.read(word), to: "\(scene.folder)/\(name)", mode: 0o755)
      return "\(scene.folder)/\(name)"
    }
    let script = """
      chmod 755 '\(scene.folder)' && mkdir -p '\(scene.store)' &&
      mkdir -p -m 700 '\(scene.output)' &&
      chown \(id):\(id) '\(scene.store)' '\(scene.output)' && touch /etc/subuid /etc/subgid &&
      mount --bind '\(scene.folder)/passwd' /etc/passwd &&
      mount --bind '\(scene.folder)/ids' /etc/subuid &&
      mount --bind '\(scene.folder)/ids' /etc/subgid && \(before) || exit 90
      exec setpriv --reuid=\(id) --regid=\(id) --clear-groups \
      \(words.map(shellWord).joined(separator: " "))
      """
    return try Command(
      ["unshare", "-m", shell, "-c", script], environment: command.environment,
      descriptors: command.descriptors
    ).run()
  }
}
