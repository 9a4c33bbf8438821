internal import Glibc
internal import Model

extension String {
  /// Whether inet_pton(3) takes it as an address of IPv4 or IPv6.
  var isIPAddress: Bool {
    var space = [UInt8](repeating: 0, count: 16)
    return inet_pton(AF_INET, self, &space) == 1 || inet_pton(AF_INET6, self, &space) == 1
  }

  /// Whether it is an address, '/' and the length of its network.
  var isNetworkAddress: Bool {
    let parts = parts(at: "/", keepingEmpty: true)
    guard parts.count == 2, let length = Int(parts[1]), "\(length)" == parts[1] else {
      return false
    }
    let address = parts[0]
    return address.isIPAddress && (0...(address.contains(":") ? 128 : 32)).contains(length)
  }
}

extension Schema where Value == String {
  /// An address of IPv4 or IPv6.
  static var ipAddress: Self {
    text("[0-9a-fA-F.:]+", "IP address", "write it as 192.0.2.1 or 2001:db8::1").refusing {
      $0.isIPAddress
        ? nil : ("'\($0)' is not a valid IP address", "write it as 192.0.2.1 or 2001:db8::1")
    }
  }

  /// An address with the length of its network, as CIDR has it (RFC 4632).
  static var networkAddress: Self {
    let remedy = "write the address and its prefix length: 192.0.2.10/24"
    return text("[0-9a-fA-F.:]+/[0-9]{1,3}", "address with a prefix length", remedy).refusing {
      $0.isNetworkAddress ? nil : ("'\($0)' is not a valid address with a prefix length", remedy)
    }
  }
}
