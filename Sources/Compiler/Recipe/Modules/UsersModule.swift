package import Model
package import StageContracts

/// Users and groups to make, with the numbers that the recipe gives them.
package struct UsersModule: Module {
  package var users: [Located<Users.User>]
  package var groups: [Located<Users.Group>]
  /// The names of those that are services.
  var system: Set<String>

  package static let type = "users"
  package static let summary = Users.summary
  package static let example = """
    - type: users
      groups: [{name: staff2}]
      users:
        - name: admin
          comment: Administrator
          groups: [sudo, staff2]
          linger: true
          password-hash: "$6$particle$qGQvmafmH3kOD8DkBDjY2B.oq88BQVR13JZzDWDzBFAopCTcMgPGJrzXdIfLTmm63ZGPxsjfd3l77VeBttTUh."
        - {name: web, system: true, home: /srv/web}
        - {name: guest, group: users, locked: true}
    """
  package static let notes = """
    A user without `uid` gets the next free number from 1000 up, and the manifest records it. Passwords are given as
    hashes, never in the clear: `mkpasswd -m yescrypt` or `openssl passwd -6` generates one. Without a hash, no password
    works. `name: root` changes root.

    A user with `system: true` is for a service: it gets a number from 600 up (packages allocate theirs from 100 up and
    from 999 down), and nobody logs in as that user.

    A group that a package creates keeps its number. Any other group without `gid` gets the next free number from 700 up.
    """

  package var needs: [String] { ["passwd", "login"] }

  /// Users that Debian's base-passwd makes: they have their numbers.
  package static let present: Set<String> = [
    "root", "daemon", "bin", "sys", "sync", "games", "man", "lp", "mail", "news", "uucp", "proxy",
    "www-data", "backup", "list", "irc", "_apt", "nobody",
  ]

  package static let schema = Schema<UsersModule>.object(
    Field("users", { _ in [] }, .list(of: user.located), default: [], "The users."),
    Field("groups", { $0.groups }, .list(of: group.located), default: [], "The groups."),
    make: { users, groups in
      UsersModule(
        users: users.map { Located($0.value.user, at: $0.mark) }, groups: groups,
        system: Set(users.map(\.value).filter(\.isSystem).map(\.name)))
    })

  /// useradd(8), "CAVEATS": what Debian takes as a name.
  private static let name = Schema<String>.accountName

  private static let number = Schema<Int>.integer(0...65_533)

  private static let group = Schema<Users.Group>.object(
    Field("name", { $0.name }, name, "The name of the group."),
    Field(
      optional: "gid", { $0.gid }, number,
      "The numeric ID of the group. Default: the one it has, or the next free one from 700 up."),
    make: { Users.Group(name: $0, gid: $1) })

  private static let user = Schema<UserWritten>.object(
    Field("name", { $0.name }, name, "The name of the user."),
    Field(
      optional: "uid", { $0.uid }, number,
      "The numeric ID of the user. Default: the next free one from 1000 up."),
    Field(
      optional: "group", { $0.group }, name,
      "The primary group. Default: a group of the user's own, with the same name and number."),
    Field(
      "groups", { $0.groups }, .list(of: name), default: [],
      "Additional groups that the user belongs to."),
    Field(
      optional: "password-hash", { $0.hash }, Schema<String>.passwordHash,
      "The password hash, in the format of crypt(5). Without it, no password works."),
    Field(
      "ssh-keys", { $0.keys }, .list(of: Schema<String>.sshKey), default: [],
      "Public SSH keys, in the format of authorized_keys(5)."),
    Field(optional: "shell", { $0.shell }, path, "The login shell. Default: /bin/bash."),
    Field(optional: "home", { $0.home }, path, "The home directory. Default: /home/NAME."),
    Field("comment", { $0.comment }, .field("comment"), default: "", "The full name of the user."),
    Field(
      "system", { $0.isSystem }, .bool, default: false,
      "Whether the user is for a service: a number from 600 up, no shell and no home directory unless given."
    ),
    Field(
      "locked", { $0.isLocked }, .bool, default: false,
      "Whether to lock the account, so that nobody can log in with a password or a key."),
    Field(
      optional: "expires", { $0.expires }, Timestamp.daySchema,
      "The day on which the account expires, such as 2027-01-31."),
    Field(
      "linger", { $0.lingers }, .bool, default: false,
      "Whether the user's services run even without a login."),
    make: {
      UserWritten(
        name: $0, uid: $1, group: $2, groups: $3, hash: $4, keys: $5, shell: $6, home: $7,
        comment: $8, isSystem: $9, isLocked: $10, expires: $11, lingers: $12)
    }
  ).mapped(
    { written, node, problems in
      if written.isLocked,
        let extra = ["password-hash", "ssh-keys", "expires"].first(where: { node[$0] != nil })
      {
        problems.report(
          "'\(extra)' has no effect for a locked user", at: node[extra]?.mark,
          remedy: "remove it, or 'locked'")
      }
      if written.isSystem, let uid = written.uid, uid >= 1000 {
        problems.report(
          "the user ID \(uid) is in the range for people, but this is a system user",
          at: node["uid"]?.mark,
          remedy: "use 100 to 999, or remove 'uid'")
      }
      return written
    }, { $0 })

  private static let path: Schema<String> = .text(
    "(/[A-Za-z0-9_+-][A-Za-z0-9._+-]*)+", "path for a user",
    "write an absolute path without '..', spaces and colons")
}

/// A user as it is written.
private struct UserWritten: Sendable {
  var name: String
  var uid: Int?
  var group: String?
  var groups: [String]
  var hash: String?
  var keys: [String]
  var shell: String?
  var home: String?
  var comment: String
  var isSystem: Bool
  var isLocked: Bool
  var expires: Timestamp?
  var lingers: Bool

  static let nowhere = "/nonexistent"

  var user: Users.User {
    let isNowhere = isSystem && home == nil
    return Users.User(
      name: name, uid: uid, gid: uid, comment: comment, groups: groups,
      home: isNowhere ? Self.nowhere : home,
      shell: isSystem && shell == nil ? "/usr/sbin/nologin" : shell, passwordHash: hash,
      sshKeys: keys, locked: isLocked, expires: expires.map { $0.seconds / 86_400 },
      makesHome: !isNowhere, linger: lingers, group: group)
  }
}
