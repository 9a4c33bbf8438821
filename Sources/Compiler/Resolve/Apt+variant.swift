internal import Files
internal import Glibc
internal import Model
internal import Processes

extension DebianBase.Variant {
  /// The priorities whose packages it has.
  fileprivate var priorities: Set<String> {
    switch self {
    case .essential: []
    case .required, .machine: ["required"]
    case .important: ["required", "important"]
    case .standard: ["required", "important", "standard"]
    }
  }

  /// What it has beside them, as far as the release has it.
  ///
  /// Of the priority important those without which an installed Debian would be missed: names of services
  /// and protocols, ping for everybody (for which forky and trixie set a sysctl), ps, kill and sysctl.
  fileprivate var further: Set<String> {
    self == .machine ? ["iputils-ping", "linux-sysctl-defaults", "netbase", "procps"] : []
  }
}

extension Apt {
  /// The names of the packages that a variant has beside the essential ones, sorted.
  ///
  /// Debian's own release says which they are; what is added to it has no say.
  func packages(of variant: DebianBase.Variant, _ answers: Answers) throws(Failure) -> [String] {
    guard variant != .essential else { return [] }
    let question = ["packages of the variant", variant.rawValue]
    if let answer = answers.known(question) {
      return answer.split(separator: "\n").map(String.init)
    }
    var names: Set<String> = []
    for path in try indexes() {
      names.formUnion(Self.names(in: try Files.read(path), of: variant))
    }
    // An archive without priorities has no machine's packages either; what is missing is warned of.
    guard !names.isEmpty || variant == .machine else {
      throw Failure(
        "find", "the packages of the variant '\(variant.rawValue)'",
        cause: "no package of \(archive.suite) has a priority",
        remedy: "use the archive of a Debian release, or 'variant: essential' in the recipe's base")
    }
    try answers.keep(names.sorted().joined(separator: "\n"), to: question)
    return names.sorted()
  }

  /// The release's own lists of packages for the machine, as files.
  private func indexes() throws(Failure) -> [String] {
    let outcome = try run([
      "apt-get", "indextargets", "--no-release-info", "--format",
      "$(FILENAME)\t$(RELEASE)\t$(ARCHITECTURE)\t$(REPO_URI)", "Created-By: Packages",
    ])
    let main = archive.repositories.first?.address ?? ""
    return outcome.text.split(separator: "\n").compactMap { line in
      let parts = line.split(separator: "\t").map(String.init)
      guard parts.count == 4, parts[1] == archive.suite,
        parts[2] == archive.architecture.rawValue,
        parts[3].hasPrefix(main), Files.exists(parts[0])
      else { return nil }
      return parts[0]
    }
  }

  /// The packages of an index that a variant has.
  static func names(in index: [UInt8], of variant: DebianBase.Variant) -> Set<String> {
    let (priorities, further) = (variant.priorities, variant.further)
    var names: Set<String> = []
    var name = ""
    // Some 60 MB: only lines that matter become texts.
    index.withUnsafeBytes { bytes in
      var start = 0
      while start < bytes.count, let base = bytes.baseAddress {
        let end = memchr(base + start, 0x0a, bytes.count - start).map {
          UnsafeRawPointer($0) - base
        }
        let line = UnsafeRawBufferPointer(rebasing: bytes[start..<(end ?? bytes.count)])
        start += line.count + 1
        // `Package: ` and `Priority: `.
        guard line.count > 9, line[0] == 0x50 else { continue }
        if line.starts(with: "Package: ".utf8) {
          name = String(decoding: line[9...], as: UTF8.self)
          if further.contains(name) { names.insert(name) }
        } else if line.starts(with: "Priority: ".utf8),
          priorities.contains(String(decoding: line[10...], as: UTF8.self))
        {
          names.insert(name)
        }
      }
    }
    return names
  }
}
