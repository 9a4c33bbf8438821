internal import Model
internal import Processes

/// How the guest's instructions are run.
enum Accelerator: String {
  case kvm, tcg

  func arguments(on architecture: Architecture) -> [String] {
    switch self {
    case .kvm: ["-accel", "kvm", "-cpu", "max"]
    case .tcg: ["-accel", "tcg,thread=multi", "-cpu", architecture.emulatedProcessor]
    }
  }

  /// KVM where a machine starts with it: some hosts offer /dev/kvm and then refuse what QEMU asks.
  static func best(on architecture: Architecture, _ firmware: Firmware) -> Accelerator {
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
