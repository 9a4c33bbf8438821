import Boot
import Model
import Testing

@Suite struct AcceleratorTests {
  /// A host with /dev/kvm whose processors have neither flag lets every guest hang in its firmware.
  @Test(arguments: [
    ("vendor_id\t: GenuineIntel\nflags\t\t: fpu vme vmx ssse3\n", true),
    ("flags\t\t: fpu svm\n\nflags\t\t: fpu svm\n", true),
    ("flags\t\t: fpu hypervisor lahf_lm svm_lock\n", false), ("", false),
  ])
  func `KVM needs a processor that can do it`(processors: String, isPossible: Bool) {
    #expect(Accelerator.isPossible(processors, on: .amd64) == isPossible)
    #expect(Accelerator.isPossible(processors, on: .arm64))
  }
}
