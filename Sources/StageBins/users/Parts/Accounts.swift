internal import Glibc
internal import Model
internal import StageContracts
internal import StageKit

/// The users and groups of a tree, as its files have them.
///
/// The files are written by ourselves: the
/// shadow tools would leave backups and locks, and choose numbers where none is given.
struct Accounts {
  private var passwd: NameTable
  private var group: NameTable
  private var shadow: NameTable
  private var gshadow: NameTable
  private var subuid: NameTable
  private var subgid: NameTable
  private let today: String
  private let shell: String

  init(in tree: borrowing Tree, on epoch: Timestamp) throws(Failure) {
    passwd = try NameTable("/etc/passwd", in: tree)
    group = try NameTable("/etc/group", in: tree)
    shadow = try NameTable("/etc/shadow", in: tree)
    gshadow = try NameTable("/etc/gshadow", in: tree)
    subuid = try NameTable("/etc/subuid", in: tree)
    subgid = try NameTable("/etc/subgid", in: tree)
    today = "\(epoch.seconds / 86_400)"
    shell = tree.exists("/bin/bash") ? "/bin/bash" : "/bin/sh"
  }

  mutating func add(_ new: Users.Group) throws(Failure) {
    try check(new.name, "the group '\(new.name)'")
    if let there = group.number(of: new.name) {
      guard new.gid == nil || new.gid == there else {
        throw refusal(
          "the group '\(new.name)'", "it already has the id \(there)",
          "use that id, or leave it out")
      }
      return
    }
    guard let gid = new.gid ?? new.spare else {
      throw refusal(
        "the group '\(new.name)'", "it is not in the tree, and no id is given", "add 'gid'")
    }
    if let other = group.name(of: gid) {
      throw refusal(
        "the group '\(new.name)'", "its id \(gid) belongs to the group '\(other)'",
        "choose another id")
    }
    group.records.append([new.name, "x", "\(gid)", ""])
    gshadow.records.append([new.name, "!", "", ""])
  }

  mutating func add(_ user: Users.User) throws(Failure) {
    let what = "the user '\(user.name)'"
    for field in [
      user.name, user.comment, user.home ?? "", user.shell ?? "", user.passwordHash ?? "",
    ] {
      try check(field, what)
    }
    if passwd.index(of: user.name) == nil {
      try make(user, what)
    } else {
      try change(user, what)
    }
    for name in user.groups { try join(user.name, name, what) }
  }

  private mutating func make(_ user: Users.User, _ what: String) throws(Failure) {
    guard let uid = user.uid else {
      throw refusal(what, "it is not in the tree, and no id is given", "add 'uid'")
    }
    if let other = passwd.name(of: uid) {
      throw refusal(
        what, "its id \(uid) belongs to the user '\(other)'", "choose another id")
    }
    let gid: Int
    if let name = user.group {
      gid = try number(ofGroup: name, what)
    } else {
      gid = user.gid ?? group.number(of: user.name) ?? uid
      try add(Users.Group(name: user.name, gid: gid))
    }
    passwd.records.append([
      user.name, "x", "\(uid)", "\(gid)", user.comment, user.home ?? "/home/\(user.name)",
      user.shell ?? shell,
    ])
    shadow.records.append([
      user.name, user.passwordHash ?? "!", today, "0", "99999", "7", "", "", "",
    ])
    setEnd(of: user)
    // People's users get a range of further ids for containers, as useradd gives it.
    if uid >= 1000 {
      Self.addRange(for: user.name, to: &subuid)
      Self.addRange(for: user.name, to: &subgid)
    }
  }

  private mutating func change(_ user: Users.User, _ what: String) throws(Failure) {
    guard let index = passwd.index(of: user.name), passwd.records[index].count == 7 else {
      throw refusal(what, Self.damage, Self.mending)
    }
    for (field, wanted) in [(2, user.uid), (3, user.gid)] {
      guard let wanted, passwd.records[index][field] != "\(wanted)" else { continue }
      throw refusal(
        what, "it already has the id \(passwd.records[index][field])",
        "use that id, or leave it out")
    }
    if let name = user.group {
      passwd.records[index][3] = "\(try number(ofGroup: name, what))"
    }
    if !user.comment.isEmpty { passwd.records[index][4] = user.comment }
    if let home = user.home { passwd.records[index][5] = home }
    if let shell = user.shell { passwd.records[index][6] = shell }
    setPassword(of: user)
    setEnd(of: user)
  }

  /// Sets the day on which an account ends; for a locked one that is long past, so that keys do not
  /// let the user in either (usermod(8), `--lock`).
  private mutating func setEnd(of user: Users.User) {
    guard let index = shadow.index(of: user.name), shadow.records[index].count == 9 else { return }
    if user.locked {
      shadow.records[index][7] = "1"
      if !shadow.records[index][1].begins(with: "!") {
        shadow.records[index][1] = "!" + shadow.records[index][1]
      }
    } else if let end = user.expires {
      shadow.records[index][7] = "\(end)"
    }
  }

  private mutating func setPassword(of user: Users.User) {
    guard let index = shadow.index(of: user.name), shadow.records[index].count == 9 else {
      shadow.records.append([
        user.name, user.passwordHash ?? "!", today, "0", "99999", "7", "", "", "",
      ])
      return
    }
    let before = shadow.records[index][1]
    if let hash = user.passwordHash {
      shadow.records[index][1] = hash
    } else if !before.begins(with: "!"), !before.begins(with: "*") {
      shadow.records[index][1] = "!" + before
    }
    if shadow.records[index][1] != before { shadow.records[index][2] = today }
  }

  private func number(ofGroup name: String, _ what: String) throws(Failure) -> Int {
    guard let gid = group.number(of: name) else { throw absence(ofGroup: name, what) }
    return gid
  }

  private func absence(ofGroup name: String, _ what: String) -> Failure {
    let near = suggestion(for: name, among: group.names).map { "did you mean '\($0)'? " } ?? ""
    return Failure(
      "set up", what, cause: "the tree has no group '\(name)'",
      remedy: near + "create it in the recipe, or install the package that creates it")
  }

  private mutating func join(_ user: String, _ name: String, _ what: String) throws(Failure) {
    guard let index = group.index(of: name), group.records[index].count == 4 else {
      throw absence(ofGroup: name, what)
    }
    Self.addMember(user, to: &group.records[index])
    if let index = gshadow.index(of: name), gshadow.records[index].count == 4 {
      Self.addMember(user, to: &gshadow.records[index])
    }
  }

  private static func addMember(_ user: String, to record: inout [String]) {
    var members = record[3].parts(at: ",")
    if !members.has(user) { members.append(user) }
    record[3] = members.joined(separator: ",")
  }

  private static func addRange(for user: String, to table: inout NameTable) {
    guard table.index(of: user) == nil else { return }
    let ends = table.records.compactMap { record -> Int? in
      guard record.count == 3, let start = Int(record[1]), let count = Int(record[2]) else {
        return nil
      }
      return start + count
    }
    table.records.append([user, "\(max(100_000, ends.max() ?? 0))", "65536"])
  }

  /// Writes the files that are not as they were, with the owners and modes that they have.
  func write(to tree: borrowing Tree) throws(Failure) {
    let shadowGroup = gid_t(group.number(of: "shadow") ?? 0)
    for (table, mode, owner) in [
      (passwd, 0o644 as mode_t, 0 as gid_t), (group, 0o644, 0), (shadow, 0o640, shadowGroup),
      (gshadow, 0o640, shadowGroup), (subuid, 0o644, 0), (subgid, 0o644, 0),
    ] {
      let isThere = tree.exists(table.path)
      if isThere ? try tree.readText(table.path) == table.text : table.records.isEmpty { continue }
      if isThere {
        let info = try tree.information(table.path)
        try tree.write(
          table.path, table.text, mode: info.st_mode & 0o7777, owner: info.st_uid,
          group: info.st_gid)
      } else {
        try tree.write(table.path, table.text, mode: mode, owner: 0, group: owner)
      }
    }
  }

  /// The home of a user, whose record is there.
  func home(of user: Users.User) throws(Failure) -> Home {
    guard let index = passwd.index(of: user.name), passwd.records[index].count == 7,
      let uid = UInt32(passwd.records[index][2]), let gid = UInt32(passwd.records[index][3])
    else { throw refusal("the user '\(user.name)'", Self.damage, Self.mending) }
    return Home(path: passwd.records[index][5], uid: uid, gid: gid)
  }

  /// Refuses a text that would break the line it stands in.
  private func check(_ field: String, _ what: String) throws(Failure) {
    guard !field.has(":"), !field.has("\n") else {
      throw refusal(
        what, "'\(field)' contains a colon or a line break",
        "write it without colons and line breaks")
    }
  }

  private static let damage = "its line in /etc/passwd is damaged"
  private static let mending = "correct the module or package that wrote it: it needs seven fields"

  private func refusal(_ what: String, _ cause: String, _ remedy: String) -> Failure {
    Failure("set up", what, cause: cause, remedy: remedy)
  }
}
