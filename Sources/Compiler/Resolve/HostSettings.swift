internal import Files
internal import Model
internal import Processes

/// What the settings of this host's apt are to us: how mirrors are reached, and nothing else.
enum HostSettings {
  /// Of `Acquire::http` and `Acquire::https`, alone or for one host (apt-transport-http(1), apt-transport-https(1)): all
  /// but those by which certificates are not checked.
  private static let ofTransport: Set<String> = [
    "allowranges", "allowredirect", "cainfo", "capath", "connectionattemptdelaymsec", "crlfile",
    "dl-limit", "issuercert", "max-age", "no-cache", "no-store", "pipeline-depth", "proxy",
    "proxy-auto-detect", "proxyautodetect", "sendaccept", "sslcert", "sslforceversion", "sslkey",
    "timeout", "user-agent",
  ]

  private static let other: Set<String> = [
    "acquire::retries", "acquire::forceipv4", "acquire::forceipv6",
  ]

  /// How this host's apt reaches mirrors, in the form of apt.conf(5): its proxies, certificates and patience.
  ///
  /// Neither what decides which packages are chosen nor what is not checked.
  static func transport() throws(Failure) -> [String] {
    try dumped("Acquire").filter { isTransport($0.name) }.map { "\($0.name) \"\($0.value)\";" }
  }

  /// Whether a setting says how servers are reached.
  static func isTransport(_ name: String) -> Bool {
    // apt does not tell large letters from small ones.
    let name = name.lowercased()
    if other.contains(name) { return true }
    for method in ["http", "https"] where name.hasPrefix("acquire::\(method)::") {
      let parts = name.dropFirst("acquire::\(method)::".utf8.count).split(separator: "::")
      // One for a single host has its name behind it (`Proxy::HOST`), or before it.
      return parts.count == 1 && ofTransport.contains(String(parts[0]))
        || parts.count == 2
          && (parts[0] == "proxy" || ofTransport.contains(String(parts[1])))
    }
    return false
  }

  private static func dumped(_ part: String) throws(Failure) -> [(name: String, value: String)] {
    let outcome = try Apt.ofHost(["apt-config", "dump", part])
    return outcome.text.split(separator: "\n").compactMap { line in
      guard let quote = line.firstRange(of: " \""), line.hasSuffix("\";") else { return nil }
      let value = line[quote.upperBound...].dropLast(2)
      // It would end the text that it is put into.
      guard !value.contains("\"") else { return nil }
      return (String(line[..<quote.lowerBound]), String(value))
    }
  }

  /// Where this host's apt is told to do without a check.
  ///
  /// - Parameter check: The last part of the setting's name: `Check-Valid-Until`.
  /// - Returns: The file and the line; the name alone where no file has it; nil where the check is done.
  static func disabled(_ check: String) -> String? {
    let settings = (try? dumped("Acquire")) ?? []
    let wanted = check.lowercased()
    let isDisabled = settings.contains { setting in
      setting.name.lowercased().split(separator: "::").last.map { $0 == wanted } ?? false
        && ["0", "no", "false", "without", "off", "disable"].contains(setting.value.lowercased())
    }
    return isDisabled ? place(of: check) ?? check : nil
  }

  private static func place(of check: String) -> String? {
    let named = try? Apt.ofHost([
      "apt-config", "shell", "P", "Dir::Etc::Parts/d", "M", "Dir::Etc::Main/f",
    ])
    let paths = (named?.text ?? "").split(separator: "\n").compactMap { line -> String? in
      let parts = line.split(separator: "'")
      return parts.count == 2 ? String(parts[1]) : nil
    }
    for path in paths {
      let names = (try? Files.names(in: path)) ?? []
      for file in names.isEmpty ? [path] : names.map({ path + $0 }) {
        guard let text = try? Files.readText(file) else { continue }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let line = lines.firstIndex { $0.lowercased().contains(check.lowercased()) }
        if let line { return "\(file):\(line + 1)" }
      }
    }
    return nil
  }
}
