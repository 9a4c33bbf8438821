internal import Files
internal import Model
internal import Processes

/// A program of an architecture that does nothing but end, to see whether the machine runs it where
/// stages run: in a sandbox whose root has nothing of the machine's.
struct Trial {
  let architecture: Architecture
  /// An empty folder.
  let folder: String

  /// Not one that anything else here ends with.
  private static let status: Int32 = 42

  /// Whether it runs.
  ///
  /// - Parameter userNamespace: An open file, the namespace to run it in; nil for the runner's own.
  /// - Returns: False when the kernel or an interpreter refuses it.
  /// - Throws: When the sandbox can't be made.
  func succeeds(in userNamespace: Int32?) throws(Failure) -> Bool {
    let place = "/run/particle/trial"
    let program = folder + "/trial"
    try Files.removeTree(program)
    try Files.write(architecture.program(endingWith: Self.status), to: program, mode: 0o755)
    let sandbox = Sandbox(
      root: .empty, bindings: [Sandbox.Binding(program, at: place)], environment: [:],
      capabilities: [], command: [place], userNamespace: userNamespace)
    let log = folder + "/trial.log"
    let outcome = try sandbox.run(
      initProgram: try Host.initProgram.get(), input: [], log: log, limits: .standard
    ) { _ in }
    return outcome.ending == .exit(Self.status)
  }
}

extension Architecture {
  /// The number of the machine in the header of an ELF file (EM_X86_64 and EM_AARCH64 of elf.h).
  var elfMachine: UInt8 {
    switch self {
    case .amd64: 62
    case .arm64: 183
    }
  }

  /// The instructions of `exit(status)`.
  private func exit(_ status: UInt8) -> [UInt8] {
    switch self {
    // mov $60, %eax; mov $status, %edi; syscall
    case .amd64: [0xb8, 60, 0, 0, 0, 0xbf, status, 0, 0, 0, 0x0f, 0x05]
    // mov x8, #93; mov x0, #status; svc #0: the constant is in bits 5 to 20.
    case .arm64:
      [0xa8, 0x0b, 0x80, 0xd2, status << 5, status >> 3, 0x80, 0xd2, 0x01, 0, 0, 0xd4]
    }
  }

  /// A static ELF program (elf(5)) that ends with this status.
  func program(endingWith status: Int32) -> [UInt8] {
    let base = 0x40_0000
    let code = exit(UInt8(truncatingIfNeeded: status))
    let size = 64 + 56 + code.count
    func number(_ value: Int, _ bytes: Int) -> [UInt8] {
      (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    // 64 bits, little-endian; an executable; one program header.
    let header: [[UInt8]] = [
      [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1], number(0, 9), number(2, 2), number(Int(elfMachine), 2),
      number(1, 4), number(base + 120, 8), number(64, 8), number(0, 8), number(0, 4),
      number(64, 2), number(56, 2), number(1, 2), number(0, 6),
    ]
    // The whole file is loaded, to be read and executed.
    let segment: [[UInt8]] = [
      number(1, 4), number(5, 4), number(0, 8), number(base, 8), number(base, 8),
      number(size, 8), number(size, 8), number(0x1000, 8),
    ]
    return header.flatMap(\.self) + segment.flatMap(\.self) + code
  }
}
