package import Model
internal import StageContracts

/// How the machine reaches others.
package struct NetworkModule: Module {
  enum Manager: String, Sendable, CaseIterable {
    case networkd
    case networkManager = "networkmanager"
  }

  struct Interface: Sendable {
    var name: Located<String>
    var match: String?
    var mac: String?
    var dhcp: Bool
    var addresses: [String]
    var gateways: [String]
    var dns: [String]
    var domains: [String]
    var mtu: Int?
    var isRequired: Bool
  }

  var manager: Manager
  var interfaces: [Interface]
  var hosts: [String: [String]]
  var servers: [String]
  var domains: [String]
  var resolver: Bool?

  package static let type = "network"
  package static let summary =
    "Set up network interfaces, addresses, host names and name resolution."
  package static let isSingle = true
  package static let example = """
    - type: network
      interfaces:
        - {name: wired, match: "en*", dhcp: true}
        - name: backend
          mac: "52:54:00:12:34:57"
          addresses: [192.0.2.10/24, "2001:db8::10/64"]
          gateways: [192.0.2.1]
          mtu: 9000
          required: false
      dns-servers: [192.0.2.53]
      search-domains: [example.org]
      hosts: {192.0.2.20: [db.example.org, db]}
    """
  package static let notes = """
    `manager: networkd` writes a file for each interface to `/etc/systemd/network` and enables systemd-networkd.
    `manager: networkmanager` installs network-manager and writes keyfiles to `/etc/NetworkManager/system-connections`.
    Both support the same keys. `match` is the name of an interface, or a pattern for names; you can leave it out if
    `mac` identifies the interface.

    systemd-resolved is added for `dns-servers` and `search-domains`, and where networkd gets addresses by DHCP: its DHCP
    client does not change `/etc/resolv.conf`. With `resolver: false`, DHCP alone does not add it: then install another
    resolver, or write `/etc/resolv.conf`.

    VLANs, bridges, bonds and routes have no keys here. Add networkd's own files with a [files](files.md) module; the
    file of an interface is `10-NAME.network`, and takes drop-ins:

    ```yaml
    - type: files
      files:
        - destination: /etc/systemd/network/vlan10.netdev
          content: |
            [NetDev]
            Name=vlan10
            Kind=vlan

            [VLAN]
            Id=10
        - destination: /etc/systemd/network/vlan10.network
          content: |
            [Match]
            Name=vlan10

            [Network]
            Address=192.0.2.10/24
        - destination: /etc/systemd/network/10-wired.network.d/vlan.conf
          content: |
            [Network]
            VLAN=vlan10
    ```
    """

  package static let schema = Schema<Self>.object(
    Field(
      "manager", { $0.manager }, .choice, default: .networkd,
      "The network manager that configures the interfaces."),
    Field("interfaces", { $0.interfaces }, .list(of: interface), default: [], "The interfaces."),
    Field(
      "hosts", { $0.hosts },
      Schema<[String: [String]]>.map(of: .list(of: host)).named(
        "[0-9a-fA-F.:]+", "IP address", "write an address, and a list of names after the colon"
      ).refusing { hosts in
        for address in hosts.keys.sorted() where !address.isIPAddress {
          return ("'\(address)' is not a valid IP address", "write it as 192.0.2.1 or 2001:db8::1")
        }
        return nil
      },
      default: [:], "Lines for /etc/hosts: a list of names for each address."),
    Field(
      "dns-servers", { $0.servers }, .list(of: .ipAddress), default: [],
      "The DNS servers for all interfaces."),
    Field(
      "search-domains", { $0.domains }, .list(of: host), default: [],
      "The domains in which to look up short names."),
    Field(
      optional: "resolver", { $0.resolver }, .bool,
      "Whether systemd-resolved resolves names. Default: true if networkd uses DHCP for an interface."
    ),
    make: {
      NetworkModule(
        manager: $0, interfaces: $1, hosts: $2, servers: $3, domains: $4, resolver: $5)
    })

  private static let host = Schema<String>.text(
    "[a-zA-Z0-9]([a-zA-Z0-9._-]{0,251}[a-zA-Z0-9])?", "host name",
    "use letters, digits, '-' and dots")

  private static let interface = Schema<Interface>.object(
    Field(
      "name", { $0.name }, Schema<String>.fileName("connection name").located,
      "The name of the connection."),
    Field(
      optional: "match", { $0.match },
      .text("[A-Za-z0-9*?\\[\\]!._-]+", "interface", "write its name, or a pattern such as en*"),
      "The name of the interface, or a pattern for it."),
    Field(
      optional: "mac", { $0.mac },
      .text(
        "[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}", "hardware address",
        "write it in quotes: \"52:54:00:12:34:56\""), "The hardware address of the interface."),
    Field(
      "dhcp", { $0.dhcp }, .bool, default: false,
      "Whether to get addresses and DNS servers from DHCP."),
    Field(
      "addresses", { $0.addresses }, .list(of: .networkAddress), default: [],
      "The addresses, with prefix length: 192.0.2.10/24."),
    Field(
      "gateways", { $0.gateways }, .list(of: .ipAddress), default: [],
      "The default gateways."),
    Field(
      "dns-servers", { $0.dns }, .list(of: .ipAddress), default: [],
      "The DNS servers for this interface."),
    Field(
      "search-domains", { $0.domains }, .list(of: host), default: [],
      "The domains in which to look up short names."),
    Field(
      optional: "mtu", { $0.mtu }, .integer(68...65_535), "The largest packet, in bytes."),
    Field(
      "required", { $0.isRequired }, .bool, default: true,
      "Whether the boot waits for this interface to be online (systemd-networkd only)."),
    make: {
      Interface(
        name: $0, match: $1, mac: $2, dhcp: $3, addresses: $4, gateways: $5, dns: $6, domains: $7,
        mtu: $8, isRequired: $9)
    }
  ).mapped(
    { (interface, node, problems) -> Interface? in
      if interface.match == nil, interface.mac == nil {
        problems.report(
          "the connection '\(interface.name.value)' does not select an interface", at: node.mark,
          remedy: "add 'match: \"en*\"' or 'mac: \"52:54:00:12:34:56\"'")
        return nil
      }
      if !interface.dhcp, interface.addresses.isEmpty {
        problems.report(
          "the connection '\(interface.name.value)' has no address", at: node.mark,
          remedy: "add 'dhcp: true' or 'addresses: [192.0.2.10/24]'")
        return nil
      }
      return interface
    }, { $0 })

  /// networkd and resolved, ready for whoever tells them of the interfaces.
  static let waiting = NetworkModule(
    manager: .networkd, interfaces: [], hosts: [:], servers: [], domains: [], resolver: true)

  private var hasResolver: Bool {
    (resolver ?? (manager == .networkd && interfaces.contains(where: \.dhcp))) || !servers.isEmpty
      || !domains.isEmpty
      || interfaces.contains { !$0.dns.isEmpty || !$0.domains.isEmpty }
  }

  package var needs: [String] {
    (manager == .networkManager ? ["network-manager"] : ["systemd"])
      + (hasResolver ? ["systemd-resolved"] : [])
  }

  package var destinations: [Located<String>] {
    interfaces.map { Located(path(of: $0), at: $0.name.mark) }
  }

  private func path(of interface: Interface) -> String {
    switch manager {
    case .networkd: "/etc/systemd/network/10-\(interface.name.value).network"
    case .networkManager:
      "/etc/NetworkManager/system-connections/\(interface.name.value).nmconnection"
    }
  }

  package func steps(among modules: [Located<any Module>], _ contents: Contents) -> [Step] {
    var files = interfaces.map { interface in
      switch manager {
      case .networkd: PlacedFile(path(of: interface), interface.networkd)
      // NetworkManager takes no keyfile that others may read.
      case .networkManager: PlacedFile(path(of: interface), interface.keyfile, mode: 0o600)
      }
    }
    if !servers.isEmpty || !domains.isEmpty {
      let lines =
        (servers.isEmpty ? [] : ["DNS=\(servers.joined(separator: " "))"])
        + (domains.isEmpty ? [] : ["Domains=\(domains.joined(separator: " "))"])
      files.append(
        PlacedFile(
          "/etc/systemd/resolved.conf.d/10-particle.conf",
          "[Resolve]\n" + lines.map { $0 + "\n" }.joined()))
    }
    let services =
      (manager == .networkd ? ["systemd-networkd.service"] : ["NetworkManager.service"])
      + (hasResolver ? ["systemd-resolved.service"] : [])
    return (files.isEmpty ? [] : [Step(placing: files)])
      + (hasResolver
        ? [Step(running: "ln -sfn ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf\n")]
        : [])
      + (hosts.isEmpty ? [] : [Step(running: hostLines)])
      + [Step(Systemd(enable: services, disable: [], mask: [], defaultTarget: nil))]
  }

  private var hostLines: String {
    let lines = hosts.sorted { $0.key < $1.key }
      .map { "\($0.key)\t\($0.value.joined(separator: " "))\n" }.joined()
    return """
      [ -e /etc/hosts ] || cat >/etc/hosts <<'END'
      127.0.0.1\tlocalhost
      ::1\tlocalhost ip6-localhost ip6-loopback
      END
      cat >>/etc/hosts <<'END'
      \(lines)END

      """
  }
}

extension NetworkModule.Interface {
  /// As systemd.network(5) has it.
  fileprivate var networkd: String {
    var lines = ["[Match]"]
    if let match { lines.append("Name=\(match)") }
    if let mac { lines.append("MACAddress=\(mac)") }
    if mtu != nil || !isRequired { lines += ["", "[Link]"] }
    if let mtu { lines.append("MTUBytes=\(mtu)") }
    if !isRequired { lines.append("RequiredForOnline=no") }
    lines += ["", "[Network]"]
    if dhcp { lines.append("DHCP=yes") }
    lines += addresses.map { "Address=\($0)" } + gateways.map { "Gateway=\($0)" }
    lines += dns.map { "DNS=\($0)" }
    if !domains.isEmpty { lines.append("Domains=\(domains.joined(separator: " "))") }
    return lines.map { $0 + "\n" }.joined()
  }

  /// As nm-settings-keyfile(5) has it.
  fileprivate var keyfile: String {
    var lines = ["[connection]", "id=\(name.value)", "type=ethernet"]
    if let match, !match.contains(where: { "*?[".contains($0) }) {
      lines.append("interface-name=\(match)")
    }
    if let match, match.contains(where: { "*?[".contains($0) }) {
      lines += ["", "[match]", "interface-name=\(match);"]
    }
    if mac != nil || mtu != nil { lines += ["", "[ethernet]"] }
    if let mac { lines.append("mac-address=\(mac)") }
    if let mtu { lines.append("mtu=\(mtu)") }
    for (section, isSix) in [("ipv4", false), ("ipv6", true)] {
      let own = addresses.filter { $0.contains(":") == isSix }
      lines += ["", "[\(section)]"]
      lines.append("method=\(dhcp ? "auto" : own.isEmpty ? "disabled" : "manual")")
      for (index, address) in own.enumerated() { lines.append("address\(index + 1)=\(address)") }
      if let gateway = gateways.first(where: { $0.contains(":") == isSix }) {
        lines.append("gateway=\(gateway)")
      }
      let servers = dns.filter { $0.contains(":") == isSix }
      if !servers.isEmpty { lines.append("dns=\(servers.joined(separator: ";"));") }
      if !domains.isEmpty { lines.append("dns-search=\(domains.joined(separator: ";"));") }
    }
    return lines.map { $0 + "\n" }.joined()
  }
}
