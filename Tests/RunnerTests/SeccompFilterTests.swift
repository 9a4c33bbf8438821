import Files
import Glibc
import Runner
import Testing

@Suite struct SeccompFilterTests {
  #if arch(x86_64)
    private static let architecture: UInt32 = 0xc000_003e
    private let numbers = (
      read: 0, ioctl: 16, socket: 41, socketpair: 53, clone: 56, fsync: 74, ptrace: 101, sync: 162,
      mount: 165, clone3: 435
    )
  #else
    private static let architecture: UInt32 = 0xc000_00b7
    private let numbers = (
      read: 63, ioctl: 29, socket: 198, socketpair: 199, clone: 220, fsync: 82, ptrace: 117,
      sync: 81, mount: 40, clone3: 435
    )
  #endif

  /// What the filter says of a call: nil when it is let through, else the error.
  ///
  /// This is the machine of linux/filter.h, as far as the filter uses it.
  private func error(
    _ number: Int, _ argument: UInt32 = 0, _ second: UInt32 = 0, _ third: UInt32 = 0,
    architecture: UInt32 = Self.architecture
  ) -> Int32? {
    let data: [UInt32: UInt32] = [
      0: UInt32(number), 4: architecture, 16: argument, 24: second, 32: third,
    ]
    var accumulator: UInt32 = 0
    var place = 0
    while place < SeccompFilter.program.count {
      let step = SeccompFilter.program[place]
      let test: Bool
      switch step.code {
      case 0x20:
        accumulator = data[step.value] ?? 0
        place += 1
        continue
      case 0x05:
        place += 1 + Int(step.value)
        continue
      case 0x06: return step.value == 0x7fff_0000 ? nil : Int32(step.value & 0xffff)
      case 0x15: test = accumulator == step.value
      case 0x35: test = accumulator >= step.value
      case 0x45: test = accumulator & step.value != 0
      default: return -1
      }
      place += 1 + Int(test ? step.whenTrue : step.whenFalse)
    }
    return -1
  }

  @Test func `plain calls are let through`() {
    #expect(error(numbers.read) == nil)
    #expect(error(numbers.clone, UInt32(SIGCHLD)) == nil)
    #expect(error(469) == nil)
  }

  @Test func `calls that came after this was written are not there`() {
    for number in [470, 471, 600, 5000] { #expect(error(number) == ENOSYS) }
    #if arch(x86_64)
      #expect(error(470, architecture: Self.i386) == ENOSYS)
    #endif
  }

  @Test func `what cannot be counted or looked at is refused`() {
    // memfd_secret, quotactl_fd, statmount, listmount, open_tree_attr.
    for number in [447, 443, 457, 458, 467] { #expect(error(number) == EPERM, "\(number)") }
    #if arch(x86_64)
      // modify_ldt, uselib, lookup_dcookie.
      for number in [154, 134, 212] { #expect(error(number) == EPERM, "\(number)") }
      for number in [123, 86, 253, 447, 443, 457, 458, 467] {
        #expect(error(number, architecture: Self.i386) == EPERM, "\(number)")
      }
    #endif
  }

  @Test func `nobody types into a terminal that may be a person's`() {
    // TIOCSTI, TIOCLINUX, TIOCSETD; TCGETS and FICLONE.
    for request: UInt32 in [0x5412, 0x541c, 0x5423] {
      #expect(error(numbers.ioctl, 0, request) == EPERM)
    }
    for request: UInt32 in [0x5401, 0x4004_9409] {
      #expect(error(numbers.ioctl, 0, request) == nil)
    }
  }

  @Test func `waiting for disks is done at once`() {
    #expect(error(numbers.sync) == 0)
    #expect(error(numbers.fsync) == 0)
  }

  @Test func `what breaks out of sandboxes is refused`() {
    #expect(error(numbers.mount) == EPERM)
    #expect(error(numbers.ptrace) == EPERM)
    #expect(error(425) == EPERM, "io_uring_setup")
  }

  @Test func `new processes, but no new namespaces`() {
    #expect(error(numbers.clone3) == ENOSYS)
    for bit: UInt32 in [17, 25, 26, 27, 28, 29, 30] {
      #expect(error(numbers.clone, 1 << bit) == EPERM)
    }
  }

  @Test func `sockets only of families that have namespaces`() {
    for family: UInt32 in [1, 2, 10, 16] { #expect(error(numbers.socket, family) == nil) }
    for family: UInt32 in [0, 3, 17, 38, 40] {
      #expect(error(numbers.socket, family) == EAFNOSUPPORT)
      #expect(error(numbers.socketpair, family) == EAFNOSUPPORT)
    }
    #expect(error(numbers.socketpair, 1) == nil)
    // NETLINK_ROUTE, NETLINK_NETFILTER.
    for number: UInt32 in [0, 12] { #expect(error(numbers.socket, 16, 3, number) == nil) }
    // NETLINK_AUDIT, NETLINK_CONNECTOR, NETLINK_KOBJECT_UEVENT.
    for number: UInt32 in [9, 11, 15] {
      #expect(error(numbers.socket, 16, 3, number) == EPROTONOSUPPORT)
    }
  }

  /// AUDIT_ARCH_ARM and AUDIT_ARCH_I386.
  @Test func `calls of other architectures are refused`() {
    #expect(error(numbers.read, architecture: 0x4000_0028) == ENOSYS)
    #if arch(x86_64)
      #expect(error(0x4000_0000 + numbers.read) == ENOSYS)
    #else
      #expect(error(numbers.read, architecture: 0x4000_0003) == ENOSYS)
    #endif
  }

  #if arch(x86_64)
    private static let i386: UInt32 = 0x4000_0003

    /// The numbers of calls by their names, of one of the kernel's headers.
    private func calls(_ header: String) throws -> [String: Int] {
      let path = "/usr/include/x86_64-linux-gnu/asm/\(header)"
      let lines = try Files.readText(path).split(separator: "\n").map { $0.split(separator: " ") }
      let defined = lines.filter { $0.count == 3 && $0[1].hasPrefix("__NR_") }
      return Dictionary(
        uniqueKeysWithValues: defined.compactMap { words in
          Int(words[2]).map { (String(words[1].dropFirst(5)), $0) }
        })
    }

    @Test func `what is said of a call is said of i386's of the same name`() throws {
      let own = try calls("unistd_64.h")
      let others = try calls("unistd_32.h")
      #expect(own.count > 300 && others.count > 400)
      var compared = 0
      for (name, number) in others {
        let said = error(number, 0, architecture: Self.i386)
        if let same = own[name] {
          #expect(said == error(same), "\(name)")
          compared += said == nil ? 0 : 1
        } else if ["umount", "stime", "vm86", "vm86old", "clock_settime64", "clock_adjtime64"]
          .contains(name)
        {
          #expect(said == EPERM, "\(name)")
        } else {
          #expect(said == nil, "\(name)")
        }
      }
      #expect(compared > 50)
      for flags: UInt32 in [1 << 17, 1 << 28] {
        let clone = try #require(others["clone"])
        #expect(error(clone, flags, architecture: Self.i386) == EPERM)
      }
    }

    @Test func `i386 makes sockets only where the family can be seen`() throws {
      let others = try calls("unistd_32.h")
      let (socket, all) = (try #require(others["socket"]), try #require(others["socketcall"]))
      #expect(error(socket, 1, architecture: Self.i386) == nil)
      #expect(error(socket, 40, architecture: Self.i386) == EAFNOSUPPORT)
      // SYS_SOCKET, SYS_SOCKETPAIR and SYS_CONNECT.
      #expect(error(all, 1, architecture: Self.i386) == EAFNOSUPPORT)
      #expect(error(all, 8, architecture: Self.i386) == EAFNOSUPPORT)
      #expect(error(all, 3, architecture: Self.i386) == nil)
    }
  #endif

  @Test func `the bytes are the program's, eight for each instruction`() {
    #expect(SeccompFilter.bytes.count == 8 * SeccompFilter.program.count)
    #expect(SeccompFilter.bytes.prefix(8) == [0x20, 0, 0, 0, 4, 0, 0, 0])
  }
}
