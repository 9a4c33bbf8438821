internal import Files
internal import Glibc
package import Model

/// What a virtual machine is connected to.
package enum Network: Sendable {
  case none
  /// A network of its own, in which QEMU is the router, the DHCP and the name server; it reaches what this
  /// machine reaches, and from outside it is reached by what is forwarded.
  case user(forwarding: [Forwarding])

  /// A TCP port of this machine, on its loopback address, that leads to one of the virtual machine.
  package struct Forwarding: Sendable, Equatable {
    package var host: Int
    package var guest: Int

    /// - Parameters:
    ///   - host: A port of this machine that is free.
    ///   - guest: A port of the virtual machine.
    package init(host: Int, guest: Int) {
      self.host = host
      self.guest = guest
    }

    /// A forwarding from a port that is free now.
    ///
    /// - Parameter guest: A port of the virtual machine.
    /// - Throws: When there is none.
    package init(guest: Int) throws(Failure) {
      let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
      guard socket >= 0 else { throw .system("make", "a socket") }
      defer { close(socket) }
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
      var size = socklen_t(MemoryLayout<sockaddr_in>.size)
      let found = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(socket, $0, size) == 0 && getsockname(socket, $0, &size) == 0
        }
      }
      guard found else { throw .system("find", "a free port") }
      self.init(host: Int(UInt16(bigEndian: address.sin_port)), guest: guest)
    }
  }

  /// QEMU's options for it.
  var arguments: [String] {
    switch self {
    case .none: return ["-nic", "none"]
    case .user(let forwardings):
      let ports = forwardings.map { ",hostfwd=tcp:127.0.0.1:\($0.host)-:\($0.guest)" }.joined()
      return ["-nic", "user,model=virtio-net-pci" + ports]
    }
  }
}
