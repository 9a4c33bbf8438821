package import Model

/// Makes users and groups with fixed ids, or changes those that are there.
package struct Users: StageContract {
  package var groups: [Group]
  package var users: [User]

  package struct Group: Sendable, Equatable {
    package var name: String
    /// What it has, or gets.
    package var gid: Int?
    /// What it gets if the tree does not have it; what it has there stays.
    package var spare: Int?

    package init(name: String, gid: Int?, spare: Int? = nil) {
      self.name = name
      self.gid = gid
      self.spare = spare
    }

    package static let schema = Schema<Group>.object(
      Field("name", { $0.name }, .string, "The group's name."),
      Field(optional: "gid", { $0.gid }, .integer(0...4_294_967_294), "Its id."),
      Field(
        optional: "spare-gid", { $0.spare }, .integer(0...4_294_967_294),
        "The id it gets if the tree does not have the group."),
      make: { Group(name: $0, gid: $1, spare: $2) })
  }

  package struct User: Sendable, Equatable {
    package var name: String
    /// Nil for a user that is there already (root).
    package var uid: Int?
    /// The number of the user's own group; nil for a user that is there already.
    package var gid: Int?
    /// The primary group; nil for a group of the user's own.
    package var group: String?
    package var comment: String
    package var groups: [String]
    /// Nil leaves a present user's home as it is; a new one gets /home and the name.
    package var home: String?
    package var shell: String?
    /// As crypt(5) writes it; nil locks the password.
    package var passwordHash: String?
    package var sshKeys: [String]
    /// Whether the account is locked, for keys as well.
    package var locked: Bool
    /// The day on which the account ends, counted from 1970-01-01 as shadow(5) does.
    package var expires: Int?
    /// Whether to create the home directory if it is missing.
    package var makesHome: Bool
    /// Whether the user's services run without a login.
    package var linger: Bool

    package init(
      name: String, uid: Int?, gid: Int?, comment: String, groups: [String], home: String?,
      shell: String?, passwordHash: String?, sshKeys: [String], locked: Bool = false,
      expires: Int? = nil, makesHome: Bool = true, linger: Bool = false, group: String? = nil
    ) {
      self.name = name
      self.uid = uid
      self.gid = gid
      self.comment = comment
      self.groups = groups
      self.home = home
      self.shell = shell
      self.passwordHash = passwordHash
      self.sshKeys = sshKeys
      self.locked = locked
      self.expires = expires
      self.makesHome = makesHome
      self.linger = linger
      self.group = group
    }

    package static let schema = Schema<User>.object(
      Field("name", { $0.name }, .string, "The user's name."),
      Field(optional: "uid", { $0.uid }, .integer(0...4_294_967_294), "The user's id."),
      Field(
        optional: "gid", { $0.gid }, .integer(0...4_294_967_294), "The id of the user's own group."),
      Field("comment", { $0.comment }, .string, default: "", "The user's full name."),
      Field("groups", { $0.groups }, .list(of: .string), default: [], "Supplementary groups."),
      Field(optional: "home", { $0.home }, .string, "The home directory."),
      Field(optional: "shell", { $0.shell }, .string, "The login shell."),
      Field(
        optional: "password-hash", { $0.passwordHash }, .string,
        "The password's hash, as crypt(5) writes it. Default: no password works."),
      Field(
        "ssh-keys", { $0.sshKeys }, .list(of: .string), default: [], "Lines of authorized_keys."),
      Field(
        "locked", { $0.locked }, .bool, default: false,
        "Whether the account is locked, for keys as well."),
      Field(
        optional: "expires", { $0.expires }, .integer(1...2_932_896),
        "The day on which the account expires, counted from 1970-01-01."),
      Field(
        "make-home", { $0.makesHome }, .bool, default: true,
        "Whether to create the home directory if it is missing."),
      Field(
        "linger", { $0.linger }, .bool, default: false,
        "Whether the user's services run without a login."),
      Field(
        optional: "group", { $0.group }, .string,
        "The primary group. Default: one of the user's own."),
      make: {
        User(
          name: $0, uid: $1, gid: $2, comment: $3, groups: $4, home: $5, shell: $6,
          passwordHash: $7, sshKeys: $8, locked: $9, expires: $10, makesHome: $11, linger: $12,
          group: $13)
      })
  }

  package static let name = "users"
  package static let version = 2
  package static let summary = "Make users and groups with fixed ids."
  package static let stance = Stance.inTree
  package static let schema = Schema<Self>.object(
    Field("groups", { $0.groups }, .list(of: Group.schema), default: [], "The groups."),
    Field("users", { $0.users }, .list(of: User.schema), default: [], "The users."),
    make: { Users(groups: $0, users: $1) })

  package init(groups: [Group], users: [User]) {
    self.groups = groups
    self.users = users
  }
}
