internal import Files
internal import Glibc
internal import Model

/// A program of this machine that runs programs of another architecture: QEMU's for users.
struct Interpreter {
  var architecture: Architecture
  var path: String

  /// Finds QEMU's in PATH.
  ///
  /// It has to be static, since in a stage's tree there are no libraries of this machine. Debian's
  /// `qemu-user-static` has it so until bookworm under a name of its own, and from trixie on.
  static func find(for architecture: Architecture) throws(Failure) -> Interpreter {
    let name = "qemu-" + architecture.qemu
    let path = getenv("PATH").map { String(cString: $0) } ?? ""
    for file in ["\(name)-static", name] {
      for folder in path.split(separator: ":") where access("\(folder)/\(file)", X_OK) == 0 {
        let found = "\(folder)/\(file)"
        guard StageProgram.interpreter(of: try Files.read(found)) == nil else { continue }
        return Interpreter(architecture: architecture, path: found)
      }
    }
    throw Failure(
      "run", "\(architecture.rawValue) programs",
      cause: "this machine needs \(name)-static for that, which is not installed",
      remedy: "apt install qemu-user-static")
  }

  /// Makes a copy that can only be read, on a mount of its own.
  ///
  /// A stage reaches the program that runs it by /proc, and the host's file would be on a mount that can be
  /// written to.
  ///
  /// - Returns: Its path, which is a mount point.
  func copy(in folder: String) throws(Failure) -> String {
    let copy = folder + "/interpreter"
    try Files.write(try Files.read(path), to: copy, mode: 0o755)
    try Mount.readOnly(copy)
    return copy
  }

  /// The line that registers it with binfmt_misc (the kernel's admin-guide/binfmt-misc.rst).
  ///
  /// What it is for is told by the first 20 bytes: a 64-bit little-endian ELF file that is an
  /// executable or a shared object, for the machine. The flags are those of Debian's package: the
  /// interpreter is opened now (F), and is given the program as an open file (O) and the name that
  /// it was called by (P).
  func registration(of copy: String) -> String {
    func text(_ bytes: [UInt8]) -> String {
      bytes.map { byte in
        let digits = String(byte, radix: 16)
        return "\\x" + (digits.utf8.count == 1 ? "0" : "") + digits
      }.joined()
    }
    let start: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + Array(repeating: 0, count: 9)
    let magic = start + [2, 0, architecture.elfMachine, 0]
    // The system the file says it is for does not matter (byte 7); type 3 is type 2 for it.
    let mask: [UInt8] = [
      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
      0xfe, 0xff, 0xff, 0xff,
    ]
    return ":particle-\(architecture.rawValue):M::\(text(magic)):\(text(mask)):\(copy):FOP"
  }
}

extension Architecture {
  /// QEMU's name for it.
  fileprivate var qemu: String {
    switch self {
    case .amd64: "x86_64"
    case .arm64: "aarch64"
    }
  }
}
