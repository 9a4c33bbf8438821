package import Model
internal import StageContracts

/// What of the network reaches the machine.
package struct FirewallModule: Module {
  var allow: [Rule]
  var forward: Bool
  var ruleset: Content?

  struct Rule: Sendable {
    var ports: [String]
    var transport: Transport
    var from: [String]
  }

  enum Transport: String, Sendable, CaseIterable { case tcp, udp }

  package static let type = "firewall"
  package static let summary = "Choose which network traffic reaches the machine, with nftables."
  package static let example = """
    - type: firewall
      allow:
        - {ports: [22, 80, 443]}
        - {ports: [8000-8010], protocol: udp, from: [192.0.2.0/24, "2001:db8::/32"]}
    """
  package static let notes = """
    Incoming packets are dropped, except for replies, ICMP, loopback traffic and what `allow` lists. Outgoing packets
    are accepted. The `allow` lists of all firewall modules are combined. A ruleset of your own, in `ruleset` or
    `ruleset-file`, replaces all of this.

    The rules are written to `/etc/nftables.conf`, and nftables.service loads them at boot. The build has nft parse and
    evaluate them.
    """

  private typealias Written = (
    allow: [Rule], forward: Bool, ruleset: String?, file: Located<String>?
  )

  package static let schema = Schema<Written>.object(
    Field("allow", { $0.allow }, .list(of: rule), default: [], "The incoming traffic to accept."),
    Field(
      "forward", { $0.forward }, .bool, default: false,
      "Whether to forward packets that are addressed to other machines."),
    Field(
      optional: "ruleset", { $0.ruleset }, .string, "The complete ruleset, in the syntax of nft(8)."
    ),
    Field(
      optional: "ruleset-file", { $0.file }, Schema<String>.localPath.located,
      "A file with the complete ruleset, relative to the file that names it."),
    make: { (allow: $0, forward: $1, ruleset: $2, file: $3) }
  ).mapped(
    { (written, node, problems) -> FirewallModule? in
      let own = [written.ruleset.map(Content.text), written.file.map(Content.path)]
        .compactMap { $0 }
      if own.count > 1 || (!own.isEmpty && (!written.allow.isEmpty || written.forward)) {
        problems.report(
          "a ruleset cannot be combined with 'allow', 'forward' or another ruleset", at: node.mark,
          remedy: "keep one of 'ruleset', 'ruleset-file' and 'allow'")
        return nil
      }
      return FirewallModule(allow: written.allow, forward: written.forward, ruleset: own.first)
    }, { ($0.allow, $0.forward, $0.ruleset?.given, $0.ruleset?.source) })

  private static let rule = Schema<Rule>.object(
    Field("ports", { $0.ports }, ports, "The ports, and ranges of ports: 8000-8010."),
    Field(
      "protocol", { $0.transport }, .choice, default: .tcp, "The transport protocol."),
    Field(
      "from", { $0.from }, .list(of: .networkAddress), default: [],
      "The source networks to accept. Default: all."),
    make: { Rule(ports: $0, transport: $1, from: $2) })

  private static let ports = Schema<[String]>.list(of: .word("port")).refusing { ports in
    guard !ports.isEmpty else { return ("the list is empty", "name at least one port") }
    for port in ports {
      let ends = port.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
      let isRight =
        ends.allSatisfy { (1...65_535).contains($0) } && (1...2).contains(ends.count)
        && ends == ends.sorted()
      if !isRight {
        return (
          "'\(port.shortened)' is not a valid port", "write a number from 1 to 65535, or 8000-8010"
        )
      }
    }
    return nil
  }

  package static func check(_ modules: [Located<FirewallModule>], _ problems: inout Problems) {
    guard modules.count > 1 else { return }
    for module in modules where module.value.ruleset != nil {
      problems.report(
        "a complete ruleset cannot be combined with other firewall modules",
        at: module.mark, remedy: "keep only the ruleset, or use 'allow' in all of them")
    }
  }

  /// netbase has the names of ports and protocols that rules may use.
  package var needs: [String] { ["nftables", "netbase"] }
  package var contents: [Content] { [ruleset].compactMap { $0 } }

  package func check(_ contents: Contents, _ problems: inout Problems) {
    ruleset?.refuseBinary("the ruleset", contents, &problems)
  }

  package func steps(among modules: [Located<any Module>], _ contents: Contents) -> [Step] {
    let all = modules.all(FirewallModule.self).map(\.value)
    let text =
      ruleset?.text(contents)
      ?? FirewallModule(
        allow: all.flatMap(\.allow), forward: all.contains(where: \.forward), ruleset: nil
      ).rules
    return [
      Step(placing: [PlacedFile("/etc/nftables.conf", text, mode: 0o755)]),
      Step(running: Self.check),
      Step(
        Systemd(enable: ["nftables.service"], disable: [], mask: [], defaultTarget: nil)),
    ]
  }

  /// nft reads and evaluates all rules, then asks the kernel, which a stage may not ask: that answer
  /// alone is no mistake.
  private static let check = """
    file=/etc/nftables.conf
    if ! /usr/sbin/nft --check --file $file >/run/nft 2>&1; then
      if ! grep -q 'Operation not permitted' /run/nft ||
        grep 'Error:' /run/nft | grep -qv 'Operation not permitted'; then
        cat /run/nft
        exit 1
      fi
    fi

    """

  private var rules: String {
    let accepted = allow.flatMap { rule -> [String] in
      let what = "\(rule.transport.rawValue) dport { \(rule.ports.joined(separator: ", ")) } accept"
      guard !rule.from.isEmpty else { return [what] }
      return [("ip", false), ("ip6", true)].compactMap { family, isSix in
        let networks = rule.from.filter { $0.contains(":") == isSix }
        return networks.isEmpty
          ? nil : "\(family) saddr { \(networks.joined(separator: ", ")) } \(what)"
      }
    }
    return """
      #!/usr/sbin/nft -f

      flush ruleset

      table inet filter {
        chain input {
          type filter hook input priority filter; policy drop;
          ct state established,related accept
          ct state invalid drop
          iifname "lo" accept
          meta l4proto { icmp, icmpv6 } accept
      \(accepted.map { "    \($0)\n" }.joined())  }
        chain forward {
          type filter hook forward priority filter; policy \(forward ? "accept" : "drop");
        }
        chain output {
          type filter hook output priority filter; policy accept;
        }
      }

      """
  }
}
