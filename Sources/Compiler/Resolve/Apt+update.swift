internal import Files
internal import Model
internal import Processes

extension Apt {
  /// Fetches the package lists, where they changed, and checks them against the keyring.
  ///
  /// - Parameter offline: Whether to use those that an earlier run fetched.
  /// - Throws: When they cannot be fetched or trusted, or there are none.
  func update(offline: Bool) throws(ResolveError) {
    let outcome: Command.Outcome?
    do { outcome = try fetch(offline: offline) } catch { throw .failure(error) }
    guard let outcome else { return }
    guard outcome.ending.isSuccess else { throw failure(outcome.errorText) }
    let missing = missingComponents(outcome.errorText)
    if !missing.isEmpty { throw .refusal(Refusal(diagnostics: missing)) }
  }

  /// Components that no suite has: apt says so, and goes on.
  ///
  /// `W: Skipping acquire of configured file 'a/binary-amd64/Packages' as repository 'URL SUITE InRelease' doesn't have
  /// the component 'a' (component misspelt in sources.list?)`
  private func missingComponents(_ text: String) -> [Diagnostic] {
    var found: [Diagnostic] = []
    for line in text.split(separator: "\n") {
      guard let part = line.firstRange(of: "doesn't have the component '") else { continue }
      let name = String(line[part.upperBound...].prefix { $0 != "'" })
      let other = archive.further.first { line.contains($0.repository.url) }
      let problem =
        other.map { "the repository \($0.repository.url) has no component '\(name)'" }
        ?? "\(archive.suite) has no component '\(name)'"
      guard !found.contains(where: { $0.problem == problem }) else { continue }
      let known = other == nil ? components() : []
      found.append(
        Diagnostic(
          problem, at: other?.mark, path: other == nil ? "base.components" : "modules",
          remedy: suggestion(for: name, among: known).map { "did you mean '\($0)'?" }
            ?? (known.isEmpty
              ? "correct 'components'" : "it has \(known.joined(separator: ", "))")))
    }
    return found
  }

  /// Those of the suite, as its release file says.
  private func components() -> [String] {
    guard let name = try? releaseFile(), let text = try? list(name) else { return [] }
    let line = text.split(separator: "\n").first { $0.hasPrefix("Components: ") }
    return line?.split(separator: " ").dropFirst().map(String.init) ?? []
  }

  /// What `apt-get update` came to; nil when it was not run.
  private func fetch(offline: Bool) throws(Failure) -> Command.Outcome? {
    guard Files.exists(archive.keyring) else {
      let isDebians = archive.keyring == DebianBase.debianKeyring
      throw Failure(
        "check the signature of", "\(archive.suite)'s packages",
        cause: "the keyring \(archive.keyring) does not exist",
        remedy: isDebians
          ? "apt install debian-archive-keyring" : "correct 'keyring' in the recipe's base")
    }
    if offline {
      guard try releaseFile() != nil else {
        throw Failure(
          "resolve", "the packages of \(archive.suite) offline",
          cause: "no package lists were fetched before",
          remedy: "compile once without --offline, with the same --cache")
      }
      return nil
    }
    // Whoever asks what was asked before needs none of apt's own caches of the lists, which cost a
    // second; the first new question makes them.
    return try run([
      "apt-get", "-q", "--error-on=any", "-o", "pkgCacheFile::Generate=false", "-o",
      "Dir::State::lists=\(Self.here)/lists", "update",
    ])
  }

  /// Why apt did not answer a question, where its lists are the reason.
  func damage(_ text: String) -> ResolveError? {
    let isDamaged = ["Unable to parse package file", "cache file is corrupted"].contains {
      text.contains($0)
    }
    return isDamaged ? .damagedLists(Failure("read", "apt's package lists", cause: text)) : nil
  }

  /// Why a repository of the recipe gives no packages.
  private func further(_ other: Archive.FurtherRepository, isUntrusted: Bool, _ said: [String])
    -> ResolveError
  {
    let url = other.repository.url
    let cause = said.first { $0.contains(url) }?.dropFirst(3) ?? ""
    return .refusal(
      Refusal(diagnostics: [
        Diagnostic(
          isUntrusted
            ? "the repository \(url) is not signed with the key in the recipe: \(cause)"
            : "cannot fetch package lists from the repository \(url): \(cause)",
          at: other.mark, path: "modules",
          remedy: isUntrusted
            ? "set 'key' to the key of the repository's owner; 'gpg --show-keys FILE' shows whose"
              + " key a file contains"
            : "check 'url', 'suites' and 'components', and the network")
      ]))
  }

  private func failure(_ text: String) -> ResolveError {
    let said = text.split(separator: "\n").map(String.init).filter { line in
      ["E: ", "W: "].contains { line.hasPrefix($0) } && !line.hasPrefix("E: Some index files")
    }
    let cause = said.map { "\n    \($0.dropFirst(3))" }.joined()
    let isMissing = said.contains { $0.contains("Failed to fetch") }
    let isUntrusted = said.contains { line in
      ["NO_PUBKEY", "GPG error", "BADSIG", "KEYSIG", "KEYEXPIRED", "clearsigned"].contains {
        line.contains($0)
      } || line.contains("is not signed") && !isMissing
    }
    for other in archive.further where said.contains(where: { $0.contains(other.repository.url) }) {
      return further(other, isUntrusted: isUntrusted, said)
    }
    if isUntrusted {
      return .failure(
        Failure(
          "trust", "the archive of \(archive.suite)", cause: cause,
          remedy:
            "the release must be signed by a key in \(archive.keyring): update it, or name another"
            + " with 'keyring' in the recipe's base"
        ))
    }
    if let outdated = outdated(said, cause) { return .failure(outdated) }
    let addresses = archive.repositories.map(\.address).joined(separator: " and ")
    return .failure(
      Failure(
        "fetch", "package lists from \(addresses)", cause: cause.isEmpty ? text : cause,
        remedy:
          "check the URL, the network and apt's proxy settings; choose another mirror with"
          + " --mirror, or use the lists of an earlier run with --offline"
          + ignored(cause, "certificate", "Verify-Peer", "Verify-Host")))
  }

  /// Why a release is refused whose time is not the one it should be; nil where that is not why.
  private func outdated(_ said: [String], _ cause: String) -> Failure? {
    func has(_ text: String) -> Bool { said.contains { $0.contains(text) } }
    if has("is expired") {
      return Failure(
        "trust", "the archive of \(archive.suite)", cause: cause,
        remedy:
          "use a mirror that is up to date, or, for the archive at an earlier time, 'snapshot' and"
          + " 'snapshot-mirror' in the recipe's base"
          + ignored(cause, "expired", "Check-Valid-Until"))
    }
    if has("is not valid yet") {
      return Failure(
        "trust", "the archive of \(archive.suite)", cause: cause,
        remedy: "correct the clock of this machine" + ignored(cause, "valid yet", "Check-Date"))
    }
    return nil
  }

  /// What to say of a check that this host's apt does without, where that would have let something pass.
  private func ignored(_ cause: String, _ word: String, _ names: String...) -> String {
    guard cause.contains(word) else { return "" }
    let places = names.compactMap { HostSettings.disabled($0) }
    guard let place = places.first else { return "" }
    return "; the setting of this host's apt that disables the check (\(place)) is not used here"
  }

  private func releaseFile() throws(Failure) -> String? {
    let endings = ["_dists_\(archive.suite)_InRelease", "_dists_\(archive.suite)_Release"]
    return try lists().first { name in endings.contains { name.hasSuffix($0) } }
  }

  /// The date of the suite's release file.
  func released() throws(Failure) -> Timestamp {
    guard let name = try releaseFile() else {
      throw Failure(
        "find", "the release file of \(archive.suite)", cause: "apt did not fetch one",
        remedy: "choose another mirror with --mirror")
    }
    for line in try list(name).split(separator: "\n") where line.hasPrefix("Date: ") {
      if let time = Timestamp(releaseDate: line.dropFirst(6)) { return time }
    }
    throw Failure(
      "read", "the release file of \(archive.suite)", cause: "it has no valid date",
      remedy: "use another mirror: the release file of this archive must have a Date field")
  }
}

extension Timestamp {
  /// Reads the date of a Debian release file: `Sat, 06 Sep 2025 10:19:04 UTC` (RFC 5322's form with
  /// UTC for the zone, as Debian's repository format asks).
  init?(releaseDate text: Substring) {
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    let words = text.split(whereSeparator: \.isWhitespace)
    guard words.count == 6, ["UTC", "GMT", "+0000", "Z"].contains(words[5]),
      let month = months.firstIndex(of: String(words[2]))
    else { return nil }
    func padded(_ word: some StringProtocol) -> String { word.count == 1 ? "0\(word)" : "\(word)" }
    let time = words[4].split(separator: ":").map(padded).joined(separator: ":")
    self.init("\(words[3])-\(padded("\(month + 1)"))-\(padded(words[1]))T\(time)Z")
  }
}
