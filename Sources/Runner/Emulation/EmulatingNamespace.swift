package import Files
internal import Glibc
internal import Model
internal import Processes

/// A user namespace with the same ids as the runner's, in which the kernel runs programs of another
/// architecture by an interpreter; nothing outside of it changes.
///
/// Since Linux 6.7 each user namespace can have a binfmt_misc of its own.
package final class EmulatingNamespace: Sendable {
  /// The namespace, which stays as long as this is open.
  package let users: FileDescriptor
  /// What is registered stays as long as this mount.
  private let registrations: FileDescriptor

  private static let mountPoint = "/proc/sys/fs/binfmt_misc"

  /// Makes the namespace, and registers an interpreter there.
  ///
  /// - Parameters:
  ///   - interpreter: What is registered.
  ///   - copy: The file of it that the kernel is to start.
  /// - Throws: With the remedy, when the kernel does not let it be done.
  init(with interpreter: Interpreter, copy: String) throws(Failure) {
    // Ids have to be mapped from outside, by who has them, when the namespace is there and before
    // anything is done in it.
    let script = """
      echo there >&4; read -r go <&3
      mount -t binfmt_misc binfmt_misc \(Self.mountPoint) &&
      printf %s "$1" >\(Self.mountPoint)/register && echo done >&4; read -r go <&3
      """
    var told = try Pipe()
    var says = try Pipe()
    let command = Command(
      [
        "unshare", "--user", "--mount", "--", "/bin/sh", "-c", script, "sh",
        interpreter.registration(of: copy),
      ], descriptors: [3: told.reading, 4: says.writing])
    var opened: (users: Int32, registrations: Int32)?
    var failure: Failure?
    let outcome = try command.run { process in
      says.endWriting()
      do throws(Failure) {
        if Self.line(says.reading) != nil {
          for kind in ["uid", "gid"] {
            let own = try Files.readText("/proc/self/\(kind)_map").split(separator: "\n")
            let same = own.compactMap { line -> String? in
              let words = line.split(separator: " ")
              return words.count == 3 ? "\(words[0]) \(words[0]) \(words[2])\n" : nil
            }
            try FileDescriptor.open("/proc/\(process)/\(kind)_map", O_WRONLY)
              .write(Array(same.joined().utf8))
          }
          _ = write(told.writing, "\n", 1)
        }
        if Self.line(says.reading) == "done" {
          let place = "/proc/\(process)"
          opened = (
            open("\(place)/ns/user", O_RDONLY | O_CLOEXEC),
            open("\(place)/root\(Self.mountPoint)", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
          )
        }
      } catch { failure = error }
      told.endWriting()
    }
    guard let opened, opened.users >= 0, opened.registrations >= 0 else {
      if let opened {
        for raw in [opened.users, opened.registrations] where raw >= 0 { close(raw) }
      }
      let said = outcome.errorText.split(separator: "\n").joined(separator: "; ")
      throw Self.failure(interpreter, cause: failure?.cause ?? said)
    }
    users = FileDescriptor(owning: opened.users)
    registrations = FileDescriptor(owning: opened.registrations)
  }

  /// The next line out of a pipe; nil at its end.
  private static func line(_ pipe: Int32) -> String? {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while retrying({ read(pipe, &byte, 1) }) == 1 {
      if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
      bytes.append(byte)
    }
    return nil
  }

  private static func failure(_ interpreter: Interpreter, cause: String) -> Failure {
    let filesystems = (try? Files.readText("/proc/filesystems")) ?? ""
    let isKnown = filesystems.split(separator: "\n").contains { $0.hasSuffix("\tbinfmt_misc") }
    return Failure(
      "run", "\(interpreter.architecture.rawValue) programs",
      cause: isKnown
        ? "\(interpreter.path) cannot be registered for this run: \(cause)"
        : "the kernel lacks binfmt_misc, which starts them with \(interpreter.path)",
      remedy: isKnown
        ? """
        this needs Linux 6.7 or later with user namespaces; otherwise register it for the whole \
        machine, as root: apt install --reinstall qemu-user-static binfmt-support (in a container: \
        on its host)
        """ : "as root: modprobe binfmt_misc")
  }
}
