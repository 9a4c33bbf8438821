internal import Files
internal import Glibc
package import Model

/// A virtual machine that runs a disk image, with its serial console in our hands.
///
/// The image is never written to. It ends with this object.
package final class Machine {
  /// All that came over the serial console.
  package private(set) var transcript: [UInt8] = []

  let image: String
  private let architecture: Architecture
  /// Up to where the transcript has been answered: what is expected comes after it.
  var position = 0
  /// How many commands the shell has been given.
  var commands = 0
  private let console: FileDescriptor
  private let variables: FileDescriptor
  private let emulator: Emulator
  private let echo: (ArraySlice<UInt8>) -> Void

  /// Starts a machine.
  ///
  /// - Parameters:
  ///   - image: A disk image in one of QEMU's formats, or an ISO.
  ///   - drive: How the machine sees it; nil for an ISO in a DVD drive, all else as a disk.
  ///   - architecture: What the image is for.
  ///   - firmware: What looks for the boot loader; nil for what such machines usually have.
  ///   - further: Images that it has as further disks, to be read.
  ///   - network: What it is connected to.
  ///   - memory: In MiB.
  ///   - restarts: Whether it starts again when its system does; else it ends then. What it has
  ///     written to the disk is there until it ends.
  ///   - echo: Given all that comes over the serial console, as it comes.
  /// - Throws: When the image or the firmware can't be read. That QEMU can't be started, or
  ///   refuses, is found by the first `expect`.
  package init(
    image: String, as drive: Drive? = nil, architecture: Architecture = .amd64,
    firmware: Firmware? = nil, further: [String] = [], network: Network = .none,
    memory: Int = 1024, restarts: Bool = false,
    echo: @escaping (ArraySlice<UInt8>) -> Void = { _ in }
  ) throws(Failure) {
    let disk = try DiskImage(image, as: drive)
    let others = try further.map { (path) throws(Failure) in try DiskImage(path, as: .disk) }
    let firmware = firmware ?? .usual(on: architecture)
    variables = try firmware.variables(on: architecture)
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
      throw .system("make", "a socket for the serial console")
    }
    self.image = image
    self.architecture = architecture
    self.echo = echo
    console = FileDescriptor(owning: ends[0])
    emulator = try Emulator(
      [architecture.emulator, "-display", "none", "-monitor", "none"] + network.arguments
        + (restarts ? [] : ["-no-reboot"]) + [
          "-smp", "2", "-m", "\(memory)", "-device", "virtio-rng-pci",
        ]
        + ["-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console"]
        + Accelerator.best(on: architecture, firmware).arguments(on: architecture)
        + firmware.arguments(on: architecture, variables: variables.raw) + disk.arguments
        + others.flatMap(\.arguments),
      console: ends[1], descriptors: [variables.raw: variables.raw])
  }

  /// Sends a line to the console, as if typed.
  package func send(_ line: String) throws(Failure) {
    let bytes = Array((line + "\r").utf8)
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        retrying {
          Glibc.send(
            console.raw, buffer.baseAddress?.advanced(by: done), bytes.count - done,
            Int32(MSG_NOSIGNAL))
        }
      }
      guard count >= 0 else { throw ended() }
      done += count
    }
  }

  /// Waits for more from the console; false when nothing came in time.
  func receive(within time: Duration) throws(Failure) -> Bool {
    let milliseconds = time / .milliseconds(1)
    var request = pollfd(fd: console.raw, events: Int16(POLLIN), revents: 0)
    let ready = poll(&request, 1, Int32(max(1, milliseconds.rounded(.up))))
    if ready == 0 || (ready < 0 && errno == EINTR) { return false }
    var chunk = [UInt8](repeating: 0, count: 1 << 14)
    let count = retrying { recv(console.raw, &chunk, chunk.count, 0) }
    guard count > 0 else { throw ended() }
    transcript += chunk[..<count]
    echo(chunk[..<count])
    return true
  }

  /// The failure to report when something is not as expected, with the end of the transcript.
  func failure(_ cause: String, remedy: String? = nil) -> Failure {
    let said = ConsoleText.lastLines(40, of: transcript)
    return Failure(
      "boot", image,
      cause: cause
        + (said.isEmpty
          ? "; the serial console said nothing"
          : "; the serial console's last lines:\n" + said.joined(separator: "\n")),
      remedy: remedy)
  }

  /// The failure when the machine is gone.
  private func ended() -> Failure {
    let words = emulator.kill().split(separator: "\n").suffix(5).joined(separator: "\n")
    let missing = words.contains("setpriv: failed to execute")
    return failure(
      words.isEmpty ? "the machine ended" : "QEMU ended: \(words)",
      remedy: missing ? "apt install \(architecture.packages)" : nil)
  }
}
