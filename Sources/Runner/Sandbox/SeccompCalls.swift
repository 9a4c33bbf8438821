internal import CLinux

extension SeccompFilter.Calls {
  /// Those of the architecture this program is compiled for.
  static let own = Self(
    architecture: auditArchitecture, needless: needless.map(UInt32.init),
    forbidden: forbidden.map(UInt32.init), clone: UInt32(__NR_clone),
    clone3: UInt32(__NR_clone3), unshare: UInt32(__NR_unshare), socket: UInt32(__NR_socket),
    socketpair: UInt32(__NR_socketpair), ioctl: UInt32(__NR_ioctl))

  /// Calls that the headers of Debian 12 do not name yet; their numbers are the same everywhere.
  private enum New {
    static let statmount: Int32 = 457
    static let listmount: Int32 = 458
    static let openTreeAttributes: Int32 = 467
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
      New.statmount, New.listmount, New.openTreeAttributes,
      // The kernel itself.
      __NR_kexec_load, __NR_kexec_file_load, __NR_init_module, __NR_finit_module,
      __NR_delete_module, __NR_reboot, __NR_swapon, __NR_swapoff, __NR_acct, __NR_quotactl,
      __NR_quotactl_fd, __NR_lookup_dcookie, __NR_syslog, __NR_bpf, __NR_perf_event_open,
      __NR_userfaultfd, __NR_io_uring_setup,
      __NR_io_uring_enter, __NR_io_uring_register, __NR_fanotify_init, __NR_vhangup,
      // Clocks.
      __NR_settimeofday, __NR_clock_settime, __NR_clock_adjtime, __NR_adjtimex,
      // Other processes, and files without their names.
      __NR_ptrace, __NR_process_vm_readv, __NR_process_vm_writev, __NR_pidfd_getfd, __NR_kcmp,
      __NR_open_by_handle_at,
      // Memory that not even the kernel can look at, and so not count.
      __NR_memfd_secret,
      // Keys, which have no namespace.
      __NR_keyctl, __NR_add_key, __NR_request_key,
    ] + ofArchitecture

  #if arch(x86_64)
    private static let ofArchitecture: [Int32] = [
      __NR_iopl, __NR_ioperm, __NR_modify_ldt, __NR_uselib,
    ]
    /// AUDIT_ARCH_X86_64 of linux/audit.h.
    private static let auditArchitecture: UInt32 = 0xc000_003e
  #else
    private static let ofArchitecture: [Int32] = []
    /// AUDIT_ARCH_AARCH64 of linux/audit.h.
    private static let auditArchitecture: UInt32 = 0xc000_00b7
  #endif

  #if arch(x86_64)
    /// Those of i386, by the numbers of the kernel's asm/unistd_32.h.
    static let i386 = Self(
      // AUDIT_ARCH_I386 of linux/audit.h.
      architecture: 0x4000_0003,
      // sync, syncfs, fsync, fdatasync, sync_file_range.
      needless: [36, 344, 118, 148, 314],
      forbidden: [
        // mount, umount2, umount, pivot_root, open_tree, move_mount, fsopen, fsconfig, fsmount, fspick,
        // mount_setattr, setns, chroot, statmount, listmount, open_tree_attr.
        21, 52, 22, 217, 428, 429, 430, 431, 432, 433, 442, 346, 61, 457, 458, 467,
        // kexec_load, init_module, finit_module, delete_module, reboot, swapon, swapoff, acct, quotactl,
        // syslog, bpf, perf_event_open, userfaultfd, io_uring_setup, io_uring_enter, io_uring_register,
        // fanotify_init, vhangup, quotactl_fd, lookup_dcookie.
        283, 128, 350, 129, 88, 87, 115, 51, 131, 103, 357, 336, 374, 425, 426, 427, 338, 111, 443,
        253,
        // settimeofday, stime, clock_settime, clock_settime64, clock_adjtime, clock_adjtime64, adjtimex.
        79, 25, 264, 404, 343, 405, 124,
        // ptrace, process_vm_readv, process_vm_writev, pidfd_getfd, kcmp, open_by_handle_at, memfd_secret.
        26, 347, 348, 438, 349, 342, 447,
        // keyctl, add_key, request_key, iopl, ioperm, vm86, vm86old, modify_ldt, uselib.
        288, 286, 287, 110, 101, 166, 113, 123, 86,
      ], clone: 120, clone3: 435, unshare: 310, socket: 359, socketpair: 360, ioctl: 54,
      socketcall: 102)
  #endif
}
