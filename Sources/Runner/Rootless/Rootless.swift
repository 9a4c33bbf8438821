internal import Fetch
internal import Files
internal import Glibc
internal import Model
internal import Processes

/// How an ordinary user becomes root of a user namespace of their own, where trees can have the
/// owners that they have as root.
enum Rootless {
  /// Enters the namespace: within, the user is root, and the subordinate ids are 1 to 65535.
  ///
  /// Must be called before there are threads.
  ///
  /// - Throws: With the remedy, when this machine does not let the user do it.
  static func enter() throws(Failure) {
    let user = try account()
    for program in ["newuidmap", "newgidmap"] where !Host.has(program) {
      throw Failure(
        "run", "stages without root", cause: "\(program) is not installed",
        remedy: "apt install uidmap")
    }
    let users = SubordinateIDs(text("subuid"), of: (user.name, user.id))
    let groups = SubordinateIDs(text("subgid"), of: (user.name, user.id))
    try check(users, groups, of: user.name)
    try enter(users.mapping(own: user.id), groups.mapping(own: user.group))
  }

  private static func text(_ file: String) -> String { (try? Files.readText("/etc/\(file)")) ?? "" }

  private struct Account {
    var name: String
    var id: UInt32
    var group: UInt32
  }

  private static func account() throws(Failure) -> Account {
    guard let entry = getpwuid(getuid()) else {
      throw Failure(
        "run", "stages without root", cause: "the user \(getuid()) has no entry in /etc/passwd",
        remedy: "run particle-run as a user that has one; useradd creates users")
    }
    return Account(name: String(cString: entry.pointee.pw_name), id: getuid(), group: getgid())
  }

  private static func check(
    _ users: SubordinateIDs, _ groups: SubordinateIDs, of name: String
  ) throws(Failure) {
    let missing = [("uid", users), ("gid", groups)].filter { $1.count < SubordinateIDs.needed }
    guard !missing.isEmpty else { return }
    let first = SubordinateIDs.free(in: [text("subuid"), text("subgid")])
    let files = missing.map { kind, ids in "/etc/sub\(kind) has \(ids.count)" }
    let options = missing.map { kind, _ in " --add-sub\(kind)s \(first)-\(first + 65_535)" }
    throw Failure(
      "run", "stages without root",
      cause: """
        a tree needs \(SubordinateIDs.needed) ids besides the user's own; for '\(name)' \
        \(files.joined(separator: ", "))
        """,
      remedy: "as root: usermod\(options.joined()) \(name)")
  }

  private static func enter(_ users: String, _ groups: String) throws(Failure) {
    LoginFile.noteOwners()
    // Ids are mapped by a process that stays outside and waits until there is a namespace.
    var signal = try Pipe()
    let helper = Command(
      [
        "/bin/sh", "-c", #"read -r go <&3 && newuidmap "$1" $2 && newgidmap "$1" $3"#, "sh",
        String(getpid()), users, groups,
      ], descriptors: [3: signal.reading])
    var refusal: Failure?
    let outcome = try helper.run { _ in
      do throws(Failure) {
        try Mount.enterUserNamespace()
        _ = write(signal.writing, "\n", 1)
      } catch { refusal = error }
      signal.endWriting()
    }
    if let refusal {
      let block = NamespaceBlock { name in
        let path = "/proc/sys/" + String(name.map { $0 == "." ? "/" : $0 })
        return (try? Files.readText(path)).map { String($0.prefix { $0 != "\n" }) }
      }
      throw NamespaceBlock.failure(block, cause: refusal.cause)
    }
    guard outcome.ending.isSuccess else {
      let said = outcome.errorText.split(separator: "\n").joined(separator: "; ")
      throw Failure(
        "map", "subordinate ids", cause: said.isEmpty ? "\(outcome.ending)" : said,
        remedy: """
          newuidmap and newgidmap must be allowed to set ids (apt install --reinstall uidmap), and \
          particle-run must not be started with no_new_privs
          """)
    }
  }
}
