internal import Files
internal import Glibc
package import Model

/// A virtual machine that runs a disk image, with its serial console in our hands.
///
/// The image is not written to, unless that is asked for. It ends with this object.
package final class Machine {
  /// All that came over the serial console.
  package private(set) var transcript: [UInt8] = []

  let image: String
  private let architecture: Architecture
  /// Up to where the transcript has been answered: what is expected comes after it.
  var position = 0
  /// How many commands the shell has been given.
  var commands = 0
  /// Whether it has been found to be off, and QEMU had nothing to say of that.
  private(set) var isInOrder = false
  /// What looks for the boot loader.
  package let firmware: Firmware
  private let console: FileDescriptor
  private let variables: FileDescriptor
  private let emulator: Emulator
  /// Our end of the socket for QEMU's commands, and QEMU's.
  let control: FileDescriptor
  private let controlEnd: FileDescriptor
  var isControlled = false
  /// What came from it and is not a whole line yet.
  var controlText: [UInt8] = []
  private let echo: (ArraySlice<UInt8>) -> Void

  /// Starts a machine.
  ///
  /// - Parameters:
  ///   - image: A disk image in one of QEMU's formats, or an ISO.
  ///   - drive: How the machine sees it; nil for an ISO in a DVD drive, all else as a disk.
  ///   - architecture: What the image is for.
  ///   - firmware: What looks for the boot loader; nil for what can start the image.
  ///   - further: Images that it has as further disks, to be read.
  ///   - seed: A folder of files for cloud-init, which the machine has as a disk (NoCloud).
  ///   - network: What it is connected to.
  ///   - display: What it has for a screen.
  ///   - credentials: What systemd on the machine is told, by its names: see systemd.system-credentials(7).
  ///   - memory: In MiB.
  ///   - processors: How many.
  ///   - isPersistent: Whether what the machine writes goes to the image; else it is forgotten.
  ///   - restarts: Whether it starts again when its system does; else it ends then. What it has
  ///     written to the disk is there until it ends.
  ///   - echo: Given all that comes over the serial console, as it comes.
  /// - Throws: When the image or the firmware can't be read. That QEMU can't be started, or
  ///   refuses, is found by the first `expect`.
  package init(
    image: String, as drive: Drive? = nil, architecture: Architecture = .amd64,
    firmware: Firmware? = nil, further: [String] = [], seed: String? = nil,
    network: Network = .none, display: Display = .none, credentials: [String: String] = [:],
    memory: Int = 1024, processors: Int = 2, isPersistent: Bool = false, restarts: Bool = false,
    echo: @escaping (ArraySlice<UInt8>) -> Void = { _ in }
  ) throws(Failure) {
    let disk = try DiskImage(image, as: drive)
    let others = try further.map { (path) throws(Failure) in try DiskImage(path, as: .disk) }
    let seedArguments =
      try seed.map { (folder) throws(Failure) in try Seed(folder).arguments } ?? []
    let firmware = firmware ?? .fitting(disk, on: architecture)
    self.firmware = firmware
    variables = try firmware.variables(on: architecture)
    let console = try Self.sockets(for: "the serial console")
    let control = try Self.sockets(for: "QEMU's commands")
    self.image = image
    self.architecture = architecture
    self.echo = echo
    self.console = FileDescriptor(owning: console.ours)
    self.control = FileDescriptor(owning: control.ours)
    controlEnd = FileDescriptor(owning: control.theirs)
    var words = [architecture.emulator, "-smp", "\(processors)", "-m", "\(memory)"]
    words += Accelerator.best(on: architecture, firmware).arguments(on: architecture)
    words += firmware.arguments(
      on: architecture, variables: variables.raw, hasScreen: display != .none)
    words += ["-device", "virtio-rng-pci"] + (restarts ? [] : ["-no-reboot"])
    words += display.arguments(on: architecture) + network.arguments
    words += ["-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console"]
    words += ["-chardev", "socket,id=control,fd=\(control.theirs)"]
    words += ["-monitor", "none", "-mon", "chardev=control,mode=control"]
    for (name, value) in credentials.sorted(by: { $0.key < $1.key }) {
      words += Self.option(forCredential: name, value: value)
    }
    words += disk.arguments(name: "disk", isPersistent: isPersistent)
    for (index, other) in others.enumerated() {
      words += other.arguments(name: "disk\(index + 1)", isPersistent: false)
    }
    emulator = try Emulator(
      words + seedArguments, console: console.theirs,
      descriptors: [variables.raw: variables.raw, control.theirs: control.theirs])
  }

  /// Two connected sockets: our end, and QEMU's.
  private static func sockets(for purpose: String) throws(Failure) -> (ours: Int32, theirs: Int32) {
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
      throw .system("make", "a socket for \(purpose)")
    }
    return (ends[0], ends[1])
  }

  /// A string of the firmware's tables in which systemd finds a credential (systemd.system-credentials(7)).
  private static func option(forCredential name: String, value: String) -> [String] {
    let text = "io.systemd.credential.binary:\(name)=\(base64(Array(value.utf8)))"
    return ["-smbios", "type=11,value=\(text.inOption)"]
  }

  /// Sends a line to the console, as if typed.
  package func send(_ line: String) throws(Failure) { try type(Array((line + "\r").utf8)) }

  /// Sends bytes to the console, as if typed.
  func type(_ bytes: [UInt8]) throws(Failure) {
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

  /// Waits for more from the console.
  ///
  /// - Parameters:
  ///   - time: How long.
  ///   - keyboard: An open file that ends the wait, too, when something can be read from it.
  /// - Returns: Whether something came in time.
  /// - Throws: When the machine is gone.
  func receive(within time: Duration, or keyboard: Int32 = -1) throws(Failure) -> Bool {
    let milliseconds = time / .milliseconds(1)
    var requests = [
      pollfd(fd: console.raw, events: Int16(POLLIN), revents: 0),
      pollfd(fd: keyboard, events: Int16(POLLIN), revents: 0),
    ]
    let ready = poll(&requests, 2, Int32(max(1, milliseconds.rounded(.up))))
    if ready <= 0 || requests[0].revents == 0 { return false }
    var chunk = [UInt8](repeating: 0, count: 1 << 14)
    let count = retrying { recv(console.raw, &chunk, chunk.count, 0) }
    guard count > 0 else { throw ended() }
    transcript += chunk[..<count]
    echo(chunk[..<count])
    return true
  }

  /// Forgets most of what was said, where nobody looks back at it.
  func forget() {
    guard transcript.count > 1 << 20 else { return }
    transcript.removeFirst(transcript.count - 1 << 14)
    position = 0
  }

  /// The failure to report when something is not as expected, with the end of the transcript.
  func failure(_ cause: String, remedy: String? = nil) -> Failure {
    let said = ConsoleText.lastLines(40, of: transcript)
    let isEmulators = transcript.firstRange(of: Array(Self.lostBreakpoint.utf8)) != nil
    return Failure(
      "boot", image,
      cause: (isEmulators ? "\(Self.emulatorsFault): \(cause)" : cause)
        + (said.isEmpty
          ? "; the serial console showed nothing"
          : "; the serial console's last lines:\n" + said.joined(separator: "\n")),
      remedy: isEmulators ? "start it again, if need be with --processors 1" : remedy)
  }

  /// What the guest's kernel says of a breakpoint that nobody has set, when it dies of it.
  private static let lostBreakpoint = "int3: 0000 [#"

  /// Begins the cause of a failure that is QEMU's, and that another start does not meet.
  ///
  /// Linux changes its own code behind a breakpoint. Where QEMU before 8.1 translates instructions for several
  /// processors at once (TCG), one of them can go on with the breakpoint that another has taken away. Seen once
  /// in some hundred starts; bugzilla.redhat.com has it as 2216496.
  package static let emulatorsFault = "QEMU, which emulates the processors, lost a breakpoint"

  /// Waits until the machine is off, after it was told to go down.
  ///
  /// - Returns: Whether it went in this time.
  package func waitForEnd(within seconds: Int) -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
      do { _ = try receive(within: deadline - ContinuousClock.now) } catch { return true }
    }
    return false
  }

  /// The failure when the machine is gone.
  private func ended() -> Failure {
    let words = emulator.kill().split(separator: "\n").suffix(5).joined(separator: "\n")
    isInOrder = words.isEmpty
    let missing = words.contains("setpriv: failed to execute")
    let hasNoWindow = words.contains("gtk")
    return failure(
      words.isEmpty ? "the machine stopped" : "QEMU ended: \(words)",
      remedy: missing
        ? "apt install \(architecture.packages)"
        : hasNoWindow ? "apt install qemu-system-gui" : nil)
  }
}
