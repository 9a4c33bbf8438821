internal import Files
internal import Glibc
package import Model
internal import Processes

/// A way into a machine as root, by SSH: with a key that exists as long as this does.
///
/// systemd on the machine (252 and later) gives the key to root in memory or, where /root is on the disk, in a file that is
/// forgotten with all else that the machine writes.
package final class SecureShell: Sendable {
  /// The port that leads to the machine's SSH server.
  package let forwarding: Network.Forwarding
  /// The credential that makes the machine take the key.
  package let credentials: [String: String]
  private let folder: String

  /// Makes the key.
  ///
  /// - Throws: When ssh-keygen is missing or fails.
  package init() throws(Failure) {
    forwarding = try Network.Forwarding(guest: 22)
    let named = getenv("TMPDIR").map { String(cString: $0) } ?? ""
    let folder = try Files.makeTemporaryDirectory(
      in: named.isEmpty ? "/tmp" : named, prefix: "particle-ssh-")
    self.folder = folder
    do throws(Failure) {
      credentials = ["ssh.authorized_keys.root": try Self.makeKey(folder + "/key")]
    } catch {
      try? Files.removeTree(folder)
      throw error
    }
  }

  /// - Returns: The public part.
  private static func makeKey(_ path: String) throws(Failure) -> String {
    do throws(Failure) {
      _ = try Command(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "particle", "-f", path])
        .runChecked()
      return try Files.readText(path + ".pub")
    } catch {
      throw Failure(
        error.operation, error.object, cause: error.cause, remedy: "apt install openssh-client",
        code: error.code)
    }
  }

  deinit { remove() }

  /// Removes the key.
  package func remove() { try? Files.removeTree(folder) }

  /// Whether an SSH server lets root in by now.
  package func letsIn() -> Bool {
    // QEMU takes the connection before the machine does, and then says nothing.
    let outcome = try? Command(["timeout", "5"] + words(for: "true")).run()
    return outcome?.ending == .exit(0)
  }

  /// Runs a command of the machine's shell on our own streams.
  ///
  /// - Parameter command: For the shell of root.
  /// - Returns: Its exit status; 255 also where the connection broke, which ssh then says.
  /// - Throws: When ssh cannot be started.
  package func status(of command: String) throws(Failure) -> Int32 {
    var streams = Command(words(for: command), output: .inherit, errors: .inherit)
    if fcntl(0, F_GETFD) >= 0 { streams.descriptors = [0: 0] }
    switch try streams.run().ending {
    case .exit(let status): return status
    case .signal(let number): return 128 + number
    }
  }

  private func words(for command: String) -> [String] {
    [
      "ssh", "-F", "none", "-i", folder + "/key", "-p", "\(forwarding.host)", "-o", "BatchMode=yes",
      "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=no", "-o",
      "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "root@127.0.0.1", command,
    ]
  }
}
