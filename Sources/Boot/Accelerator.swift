internal import Model
internal import Processes

/// How the guest's instructions are run.
enum Accelerator: String {
  case kvm, tcg

  var arguments: [String] {
    switch self {
    case .kvm: ["-accel", "kvm", "-cpu", "max"]
    case .tcg: ["-accel", "tcg,thread=multi", "-cpu", "max"]
    }
  }

  /// KVM where a machine starts with it: some hosts offer /dev/kvm and then refuse what QEMU asks.
  static func best(_ program: String) -> Accelerator {
    let probe = Command(
      [program, "-display", "none", "-serial", "none", "-nic", "none", "-monitor", "stdio"]
        + Accelerator.kvm.arguments,
      input: Array("quit\n".utf8))
    do { return try probe.run().ending.isSuccess ? .kvm : .tcg } catch { return .tcg }
  }
}
