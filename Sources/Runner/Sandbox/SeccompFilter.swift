internal import CLinux
internal import Glibc

/// The system calls that no stage may make, and those that do nothing for it: a program for the kernel's packet filter machine, which
/// looks at every call (seccomp(2), linux/filter.h).
package enum SeccompFilter {
  /// One instruction (`struct sock_filter`).
  package struct Instruction: Sendable, Equatable {
    package var code: UInt16
    /// How many instructions to skip when a test is true.
    package var whenTrue: UInt8 = 0
    package var whenFalse: UInt8 = 0
    package var value: UInt32
  }

  /// The program for the architecture this one is compiled for.
  ///
  /// Calls by way of another architecture (i386 on amd64) have other numbers; none of them is let
  /// through.
  package static let program: [Instruction] = {
    var program = [load(architectureOffset)]
    program += [jump(.equal, architecture, over: 1, else: 0), finish(refusal(ENOSYS))]
    program.append(load(numberOffset))
    #if arch(x86_64)
      // The x32 calls: the same architecture, with this bit in the number.
      program += [jump(.atLeast, 0x4000_0000, over: 0, else: 1), finish(refusal(ENOSYS))]
    #endif
    for number in needless { program += refuse(number, 0) }
    for number in forbidden { program += refuse(number, EPERM) }
    // Its flags are in memory, where a filter cannot look; programs then use clone(2).
    program += refuse(__NR_clone3, ENOSYS)
    for (number, flags) in [(__NR_clone, namespaces), (__NR_unshare, namespaces | newTime)] {
      program += [
        jump(.equal, UInt32(number), over: 0, else: 4), load(firstArgumentOffset),
        jump(.anyBit, flags, over: 0, else: 1), finish(refusal(EPERM)), finish(allowed),
      ]
    }
    program += [jump(.equal, UInt32(__NR_socket), over: 0, else: UInt8(families.count + 2))]
    program.append(load(firstArgumentOffset))
    for (index, family) in families.enumerated() {
      program.append(jump(.equal, family, over: UInt8(families.count - index), else: 0))
    }
    return program + [finish(refusal(EAFNOSUPPORT)), finish(allowed)]
  }()

  /// The program's bytes, as bubblewrap's `--seccomp` reads them.
  package static let bytes: [UInt8] = program.flatMap { step -> [UInt8] in
    let code = [UInt8(step.code & 0xff), UInt8(step.code >> 8), step.whenTrue, step.whenFalse]
    return code + (0..<4).map { UInt8(step.value >> (8 * $0) & 0xff) }
  }

  /// What waits for disks, and is told that it is done: a stage that is cut short runs again from its
  /// start. (sync(2) would wait for all of the machine's disks.)
  private static let needless: [Int32] = [
    __NR_sync, __NR_syncfs, __NR_fsync, __NR_fdatasync, __NR_sync_file_range,
  ]

  /// What is of no use to a stage and has been of use to those who break out of sandboxes.
  private static let forbidden: [Int32] =
    [
      // Mounts.
      __NR_mount, __NR_umount2, __NR_pivot_root, __NR_open_tree, __NR_move_mount, __NR_fsopen,
      __NR_fsconfig, __NR_fsmount, __NR_fspick, __NR_mount_setattr, __NR_setns, __NR_chroot,
      // The kernel itself.
      __NR_kexec_load, __NR_kexec_file_load, __NR_init_module, __NR_finit_module,
      __NR_delete_module, __NR_reboot, __NR_swapon, __NR_swapoff, __NR_acct, __NR_quotactl,
      __NR_syslog, __NR_bpf, __NR_perf_event_open, __NR_userfaultfd, __NR_io_uring_setup,
      __NR_io_uring_enter, __NR_io_uring_register, __NR_fanotify_init, __NR_vhangup,
      // Clocks.
      __NR_settimeofday, __NR_clock_settime, __NR_clock_adjtime, __NR_adjtimex,
      // Other processes, and files without their names.
      __NR_ptrace, __NR_process_vm_readv, __NR_process_vm_writev, __NR_pidfd_getfd, __NR_kcmp,
      __NR_open_by_handle_at,
      // Keys, which have no namespace.
      __NR_keyctl, __NR_add_key, __NR_request_key,
    ] + ofArchitecture

  #if arch(x86_64)
    private static let ofArchitecture: [Int32] = [__NR_iopl, __NR_ioperm]
    /// AUDIT_ARCH_X86_64 of linux/audit.h.
    private static let architecture: UInt32 = 0xc000_003e
  #else
    private static let ofArchitecture: [Int32] = []
    /// AUDIT_ARCH_AARCH64 of linux/audit.h.
    private static let architecture: UInt32 = 0xc000_00b7
  #endif

  /// AF_UNIX, AF_INET, AF_INET6 and AF_NETLINK; of the others some (AF_VSOCK) have no namespace.
  private static let families: [UInt32] = [1, 2, 10, 16]

  /// CLONE_NEWNS, _NEWCGROUP, _NEWUTS, _NEWIPC, _NEWUSER, _NEWPID and _NEWNET of linux/sched.h.
  private static let namespaces: UInt32 = 0x7e02_0000
  /// CLONE_NEWTIME, which for clone(2) is part of a signal's number.
  private static let newTime: UInt32 = 0x80

  // The members of `struct seccomp_data`; of an argument the lower half.
  private static let numberOffset: UInt32 = 0
  private static let architectureOffset: UInt32 = 4
  private static let firstArgumentOffset: UInt32 = 16

  private static let allowed: UInt32 = 0x7fff_0000

  private static func refusal(_ error: Int32) -> UInt32 { 0x0005_0000 | UInt32(error) }

  private static func refuse(_ number: Int32, _ error: Int32) -> [Instruction] {
    [jump(.equal, UInt32(number), over: 0, else: 1), finish(refusal(error))]
  }

  /// Tests of the machine: BPF_JMP with a constant.
  private enum Test: UInt16 {
    case equal = 0x15
    case atLeast = 0x35
    case anyBit = 0x45
  }

  private static func load(_ offset: UInt32) -> Instruction {
    Instruction(code: 0x20, value: offset)
  }

  private static func jump(
    _ test: Test, _ value: UInt32, over whenTrue: UInt8, else whenFalse: UInt8
  ) -> Instruction {
    Instruction(code: test.rawValue, whenTrue: whenTrue, whenFalse: whenFalse, value: value)
  }

  private static func finish(_ verdict: UInt32) -> Instruction {
    Instruction(code: 0x06, value: verdict)
  }
}
