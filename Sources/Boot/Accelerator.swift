internal import Files
package import Model
internal import Processes

/// How the guest's instructions are run.
package enum Accelerator: String {
  case kvm, tcg

  func arguments(on architecture: Architecture) -> [String] {
    switch self {
    case .kvm: ["-accel", "kvm", "-cpu", "max"]
    case .tcg: ["-accel", "tcg,thread=multi", "-cpu", architecture.emulatedProcessor]
    }
  }

  /// Whether a processor has what KVM needs to run any guest.
  ///
  /// Some virtual machines have a /dev/kvm without it (PVM): KVM then accepts a machine, and the firmware stops in its first
  /// instructions.
  ///
  /// - Parameters:
  ///   - processors: The text of /proc/cpuinfo.
  ///   - architecture: What the host is.
  /// - Returns: For amd64 whether VMX or SVM is among the flags; true for others, which have no such flag.
  package static func isPossible(_ processors: String, on architecture: Architecture) -> Bool {
    guard architecture == .amd64 else { return true }
    let flags = processors.split(separator: "\n").first { $0.hasPrefix("flags") }
    return flags?.split(whereSeparator: \.isWhitespace).contains { $0 == "vmx" || $0 == "svm" }
      ?? false
  }

  /// KVM where a machine starts with it: some hosts offer /dev/kvm and then refuse what QEMU asks.
  static func best(on architecture: Architecture, _ firmware: Firmware) -> Accelerator {
    guard architecture == .own, let processors = try? Files.readText("/proc/cpuinfo"),
      isPossible(processors, on: architecture)
    else { return .tcg }
    let machine = [
      architecture.emulator, "-machine", architecture.machine(firmware, hasScreen: false),
    ]
    let probe = Command(
      machine + ["-display", "none", "-serial", "none", "-nic", "none", "-monitor", "stdio"]
        + Accelerator.kvm.arguments(on: architecture),
      input: Array("quit\n".utf8))
    do { return try probe.run().ending.isSuccess ? .kvm : .tcg } catch { return .tcg }
  }
}
