package import Model
package import StageContracts

/// Users and groups to make, with the numbers that the recipe gives them.
package struct UsersModule: Module {
  package var users: [Located<Users.User>]
  package var groups: [Located<Users.Group>]

  package static let type = "users"
  package static let summary = Users.summary
  package static let example = """
    - type: users
      groups: [{name: web}]
      users:
        - name: admin
          comment: Administrator
          groups: [sudo, web]
          password-hash: "$6$particle$qGQvmafmH3kOD8DkBDjY2B.oq88BQVR13JZzDWDzBFAopCTcMgPGJrzXdIfLTmm63ZGPxsjfd3l77VeBttTUh."
    """
  package static let notes = """
    A user without `uid` gets the next number from 1000 up, and it stands in the manifest. A password is
    given as a hash, never in the clear: `mkpasswd -m yescrypt` or `openssl passwd -6` makes one. Without
    a hash no password works. `name: root` changes root.
    """

  package var needs: [String] { ["passwd", "login"] }

  /// Users that Debian's base-passwd makes: they have their numbers.
  package static let present: Set<String> = [
    "root", "daemon", "bin", "sys", "sync", "games", "man", "lp", "mail", "news", "uucp", "proxy",
    "www-data", "backup", "list", "irc", "_apt", "nobody",
  ]

  package static let schema = Schema<UsersModule>.object(
    Field("users", { $0.users }, .list(of: user.located), default: [], "The users."),
    Field("groups", { $0.groups }, .list(of: group.located), default: [], "The groups."),
    make: { UsersModule(users: $0, groups: $1) })

  /// useradd(8), "CAVEATS": what Debian takes as a name.
  private static let name: Schema<String> = .text(
    "[a-z_][a-z0-9_-]{0,31}", "user or group name",
    "begin with a lower-case letter, go on with those, digits, '-' and '_', at most 32 in all")

  private static let number = Schema<Int>.integer(0...65_533)

  private static let group = Schema<Users.Group>.object(
    Field("name", { $0.name }, name, "The group's name."),
    Field(optional: "gid", { $0.gid }, number, "The group's number."),
    make: { Users.Group(name: $0, gid: $1) })

  private static let user = Schema<Users.User>.object(
    Field("name", { $0.name }, name, "The user's name."),
    Field(optional: "uid", { $0.uid }, number, "The user's number; left out, from 1000 up."),
    Field("groups", { $0.groups }, .list(of: name), default: [], "Further groups."),
    Field(
      optional: "password-hash", { $0.passwordHash }, Schema<String>.passwordHash,
      "The password's hash, as crypt(5) writes it; left out, no password works."),
    Field(
      "ssh-keys", { $0.sshKeys }, .list(of: Schema<String>.sshKey), default: [],
      "Public keys, as authorized_keys(5) has them."),
    Field(optional: "shell", { $0.shell }, path, "The login shell; left out, /bin/bash."),
    Field(optional: "home", { $0.home }, path, "The home folder; left out, /home and the name."),
    Field("comment", { $0.comment }, .field("comment"), default: "", "The user's full name."),
    make: { name, uid, groups, hash, keys, shell, home, comment in
      Users.User(
        name: name, uid: uid, gid: uid, comment: comment, groups: groups, home: home, shell: shell,
        passwordHash: hash, sshKeys: keys)
    })

  private static let path: Schema<String> = .text(
    "(/[A-Za-z0-9_+-][A-Za-z0-9._+-]*)+", "path for a user",
    "write an absolute path without '..', spaces and colons")
}
