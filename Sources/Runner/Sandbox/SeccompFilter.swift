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

  /// The calls of an architecture that are looked at, by their numbers.
  struct Calls {
    /// AUDIT_ARCH of linux/audit.h.
    var architecture: UInt32
    var needless: [UInt32]
    var forbidden: [UInt32]
    var clone: UInt32
    var clone3: UInt32
    var unshare: UInt32
    var socket: UInt32
    var socketpair: UInt32
    var ioctl: UInt32
    /// One call for all that is done with sockets; nil where there is none.
    var socketcall: UInt32?
  }

  /// The program for the architecture this one is compiled for.
  ///
  /// Calls by way of another architecture have other numbers; of those only i386's on amd64 are let
  /// through, for packages of that.
  package static let program: [Instruction] = {
    var program = [load(architectureOffset)]
    #if arch(x86_64)
      let others = checks(.i386)
      // What a test can skip is counted in one byte.
      program += [jump(.equal, Calls.i386.architecture, over: 1, else: 0), skip(others.count)]
      program += others
    #endif
    program += [jump(.equal, Calls.own.architecture, over: 1, else: 0), finish(refusal(ENOSYS))]
    program.append(load(numberOffset))
    #if arch(x86_64)
      // The x32 calls: the same architecture, with this bit in the number.
      program += [jump(.atLeast, 0x4000_0000, over: 0, else: 1), finish(refusal(ENOSYS))]
    #endif
    return program + checks(.own).dropFirst()
  }()

  /// What looks at a call by its number and ends with a verdict.
  private static func checks(_ calls: Calls) -> [Instruction] {
    // Programs take it that a kernel may be older than a call.
    var program = [
      load(numberOffset), jump(.atLeast, firstUnknown, over: 0, else: 1), finish(refusal(ENOSYS)),
    ]
    for number in calls.needless { program += refuse(number, 0) }
    for number in calls.forbidden { program += refuse(number, EPERM) }
    // Its flags are in memory, where a filter cannot look; programs then use clone(2).
    program += refuse(calls.clone3, ENOSYS)
    for (number, flags) in [(calls.clone, namespaces), (calls.unshare, namespaces | newTime)] {
      program += [
        jump(.equal, number, over: 0, else: 4), load(firstArgumentOffset),
        jump(.anyBit, flags, over: 0, else: 1), finish(refusal(EPERM)), finish(allowed),
      ]
    }
    if let socketcall = calls.socketcall {
      // Its first argument says which call is meant (SYS_SOCKET and SYS_SOCKETPAIR of linux/net.h); the
      // family is in memory.
      program += [
        jump(.equal, socketcall, over: 0, else: 5), load(firstArgumentOffset),
        jump(.equal, 1, over: 1, else: 0), jump(.equal, 8, over: 0, else: 1),
        finish(refusal(EAFNOSUPPORT)), finish(allowed),
      ]
    }
    program += [
      jump(.equal, calls.ioctl, over: 0, else: UInt8(requests.count + 3)),
      load(secondArgumentOffset),
    ]
    for (index, request) in requests.enumerated() {
      program.append(jump(.equal, request, over: UInt8(requests.count - index), else: 0))
    }
    program += [finish(allowed), finish(refusal(EPERM))]
    program += [
      jump(.equal, calls.socketpair, over: 0, else: 4), load(firstArgumentOffset),
      jump(.equal, unixFamily, over: 1, else: 0), finish(refusal(EAFNOSUPPORT)), finish(allowed),
    ]
    program += [
      jump(.equal, calls.socket, over: 0, else: UInt8(families.count + protocols.count + 5)),
      load(firstArgumentOffset),
      jump(.equal, netlinkFamily, over: UInt8(families.count + 1), else: 0),
    ]
    for (index, family) in families.enumerated() {
      program.append(
        jump(.equal, family, over: UInt8(families.count + protocols.count + 2 - index), else: 0))
    }
    program += [finish(refusal(EAFNOSUPPORT)), load(thirdArgumentOffset)]
    for (index, number) in protocols.enumerated() {
      program.append(jump(.equal, number, over: UInt8(protocols.count - index), else: 0))
    }
    return program + [finish(refusal(EPROTONOSUPPORT)), finish(allowed)]
  }

  /// The program's bytes, as bubblewrap's `--seccomp` reads them.
  package static let bytes: [UInt8] = program.flatMap { step -> [UInt8] in
    let code = [UInt8(step.code & 0xff), UInt8(step.code >> 8), step.whenTrue, step.whenFalse]
    return code + (0..<4).map { UInt8(step.value >> (8 * $0) & 0xff) }
  }

  /// The first number after the calls of Linux 6.18, which were thought of here.
  ///
  /// What comes later may do what is refused under another number. Such calls are counted alike for all
  /// architectures.
  private static let firstUnknown: UInt32 = 470

  /// AF_UNIX.
  private static let unixFamily: UInt32 = 1
  /// AF_NETLINK.
  private static let netlinkFamily: UInt32 = 16
  /// AF_UNIX, AF_INET and AF_INET6; of the others some (AF_VSOCK) have no namespace.
  private static let families: [UInt32] = [unixFamily, 2, 10]
  /// NETLINK_ROUTE, by which programs list network interfaces, and NETLINK_NETFILTER.
  ///
  /// Without the latter nft(8) doesn't even read its rules: the kernel answers it "Operation not permitted", as no
  /// stage has CAP_NET_ADMIN. Others tell of the machine's devices (NETLINK_KOBJECT_UEVENT) or reach what has no
  /// namespace.
  private static let protocols: [UInt32] = [0, 12]

  /// TIOCSTI and TIOCLINUX, which type into a terminal that may be a person's (in the shell of a failed
  /// tree), and TIOCSETD, which loads parts of the kernel (asm-generic/ioctls.h).
  private static let requests: [UInt32] = [0x5412, 0x541c, 0x5423]

  /// CLONE_NEWNS, _NEWCGROUP, _NEWUTS, _NEWIPC, _NEWUSER, _NEWPID and _NEWNET of linux/sched.h.
  private static let namespaces: UInt32 = 0x7e02_0000
  /// CLONE_NEWTIME, which for clone(2) is part of a signal's number.
  private static let newTime: UInt32 = 0x80

  // The members of `struct seccomp_data`; of an argument the lower half.
  private static let numberOffset: UInt32 = 0
  private static let architectureOffset: UInt32 = 4
  private static let firstArgumentOffset: UInt32 = 16
  private static let secondArgumentOffset: UInt32 = 24
  private static let thirdArgumentOffset: UInt32 = 32

  private static let allowed: UInt32 = 0x7fff_0000

  private static func refusal(_ error: Int32) -> UInt32 { 0x0005_0000 | UInt32(error) }

  private static func refuse(_ number: UInt32, _ error: Int32) -> [Instruction] {
    [jump(.equal, number, over: 0, else: 1), finish(refusal(error))]
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

  private static func skip(_ count: Int) -> Instruction {
    Instruction(code: 0x05, value: UInt32(count))
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
