internal import Files
internal import Model
internal import Processes

extension Apt {
  /// Fetches the package lists, where they changed, and checks them against the keyring.
  ///
  /// - Parameter offline: Whether to use those that an earlier run fetched.
  func update(offline: Bool) throws(Failure) {
    guard Files.exists(archive.keyring) else {
      let isDebians = archive.keyring == DebianBase.debianKeyring
      throw Failure(
        "check the signature of", "\(archive.suite)'s packages",
        cause: "there is no keyring \(archive.keyring)",
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
      return
    }
    let outcome = try run(["apt-get", "-q", "--error-on=any", "update"])
    guard !outcome.ending.isSuccess else { return }
    throw failure(outcome.errorText)
  }

  private func failure(_ text: String) -> Failure {
    let lines = text.split(separator: "\n").map(String.init)
    let said = lines.filter { $0.hasPrefix("E: ") || $0.hasPrefix("W: ") || $0.hasPrefix("Err:") }
    let cause = said.map { String($0.drop { $0 != " " }.dropFirst()) }.joined(separator: "\n    ")
    let isUntrusted = ["NO_PUBKEY", "GPG error", "is not signed", "BADSIG", "EXPKEYSIG"]
    if said.contains(where: { line in isUntrusted.contains { line.contains($0) } }) {
      return Failure(
        "trust", "the archive of \(archive.suite)", cause: cause,
        remedy: "the release must be signed by a key of \(archive.keyring): update it, or name"
          + " another with 'keyring' in the recipe's base")
    }
    let addresses = archive.repositories.map(\.address).joined(separator: " and ")
    return Failure(
      "fetch", "package lists from \(addresses)", cause: cause.isEmpty ? text : cause,
      remedy: "check the address, the network and apt's proxy settings; --mirror gives another"
        + " mirror, --offline uses the lists of an earlier run")
  }

  private func releaseFile() throws(Failure) -> String? {
    let endings = ["_dists_\(archive.suite)_InRelease", "_dists_\(archive.suite)_Release"]
    return try lists().first { name in endings.contains { name.hasSuffix($0) } }
  }

  /// The date of the suite's release file.
  func released() throws(Failure) -> Timestamp {
    guard let name = try releaseFile() else {
      throw Failure("find", "the release file of \(archive.suite)", cause: "apt has fetched none")
    }
    for line in try list(name).split(separator: "\n") where line.hasPrefix("Date: ") {
      if let time = Timestamp(releaseDate: line.dropFirst(6)) { return time }
    }
    throw Failure("read", "the release file of \(archive.suite)", cause: "it has no date")
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
