package import Model

/// The SSH daemon, and who may log in through it.
package struct SSHModule: Module {
  enum RootLogin: String, Sendable, CaseIterable {
    case no
    case keys = "prohibit-password"
    case yes
  }

  var ports: [Int]
  var passwords: Bool
  var root: RootLogin
  var users: [String]
  var groups: [String]
  var keys: [String: [String]]
  var settings: [String: String]

  package static let type = "ssh"
  package static let summary = "Set up the SSH daemon, and choose who may log in."
  package static let isSingle = true
  package static let example = """
    - type: ssh
      ports: [22, 2222]
      allow-groups: [sudo]
      authorized-keys:
        admin:
          - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJfkNV4OS33ImTXvorZr72q4v5XhVEQKfvqsxOEJ/XaR admin
      settings:
        MaxAuthTries: 3
        ClientAliveInterval: 60
    """
  package static let notes = """
    The defaults are stricter than Debian's: no passwords, no root login, no X11 forwarding. All options are written to
    `/etc/ssh/sshd_config.d/10-particle.conf`; `settings` accepts any other option of sshd_config(5). The build runs
    `sshd -t`, so it fails if sshd would not start.

    The keys in `authorized-keys` are written to `/etc/ssh/authorized_keys.d`, one file per user, and are valid in
    addition to those in the users' home directories. `ssh-keygen -A` generates the host keys at the first boot, so no
    two machines share them.
    """

  package static let schema = Schema<Self>.object(
    Field("ports", { $0.ports }, ports, default: [22], "The ports to listen on."),
    Field(
      "password-authentication", { $0.passwords }, .bool, default: false,
      "Whether users may log in with a password."),
    Field(
      "root-login", { $0.root }, .choice, default: .no,
      "Whether root may log in: no, only with a key (prohibit-password), or yes."),
    Field(
      "allow-users", { $0.users }, .list(of: .accountName), default: [],
      "The only users who may log in. Default: all."),
    Field(
      "allow-groups", { $0.groups }, .list(of: .accountName), default: [],
      "The only groups whose members may log in. Default: all."),
    Field(
      "authorized-keys", { $0.keys },
      Schema<[String: [String]]>.map(of: .list(of: .sshKey)).named(
        "[a-z_][a-z0-9_-]{0,31}", "user name", "write a user's name, and a list of keys below it"),
      default: [:], "Public keys by user, in the format of authorized_keys(5)."),
    Field(
      "settings", { $0.settings }, settings, default: [:],
      "Other options of sshd_config(5), by name."),
    make: {
      SSHModule(
        ports: $0, passwords: $1, root: $2, users: $3, groups: $4, keys: $5, settings: $6)
    })

  private static let ports = Schema<[Int]>.list(of: .integer(1...65_535)).refusing { ports in
    guard !ports.isEmpty else { return ("the list is empty", "name at least one port") }
    return Set(ports).count == ports.count
      ? nil : ("a port is listed twice", "list each port once")
  }

  /// The options that have a key of their own, by their names in small letters.
  private static let own = [
    "port": "ports", "passwordauthentication": "password-authentication",
    "permitrootlogin": "root-login", "allowusers": "allow-users", "allowgroups": "allow-groups",
    "authorizedkeysfile": "authorized-keys",
  ]

  private static let settings = Schema<[String: String]>.map(
    of: Schema<String>.word("SSH option value")
  ).named("[A-Za-z][A-Za-z0-9]*", "sshd_config(5) option", "write names such as MaxAuthTries")
    .refusing { settings in
      for name in settings.keys.sorted() {
        if let key = own[name.lowercased()] {
          return (
            "the SSH option '\(name)' has its own key in this module",
            "use '\(key)', next to 'settings'"
          )
        }
        if ["match", "include"].contains(name.lowercased()) {
          return (
            "'\(name)' is not an option: it begins a section of the file",
            "add a file in /etc/ssh/sshd_config.d with a files module"
          )
        }
      }
      return nil
    }

  package var needs: [String] { ["openssh-server"] }

  package func steps(among modules: [Located<any Module>], _ contents: Contents) -> [Step] {
    var files = [PlacedFile("/etc/ssh/sshd_config.d/10-particle.conf", configuration)]
    for (user, keys) in keys.sorted(by: { $0.key < $1.key }) {
      files.append(
        PlacedFile("/etc/ssh/authorized_keys.d/\(user)", keys.map { $0 + "\n" }.joined()))
    }
    // The key that sshd wants to see is made for this check, and stays in /run.
    return [
      Step(placing: files),
      Step(
        running: """
          mkdir -p /run/sshd
          ssh-keygen -q -t ed25519 -N '' -f /run/host-key
          /usr/sbin/sshd -t -h /run/host-key

          """),
    ]
  }

  private var configuration: String {
    var lines = ports.map { "Port \($0)" }
    lines += [
      "PermitRootLogin \(root.rawValue)", "PasswordAuthentication \(passwords ? "yes" : "no")",
      "KbdInteractiveAuthentication \(passwords ? "yes" : "no")",
      "AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/authorized_keys.d/%u",
    ]
    if !settings.keys.contains(where: { $0.lowercased() == "x11forwarding" }) {
      lines.append("X11Forwarding no")
    }
    if !users.isEmpty { lines.append("AllowUsers \(users.joined(separator: " "))") }
    if !groups.isEmpty { lines.append("AllowGroups \(groups.joined(separator: " "))") }
    lines += settings.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    return lines.map { $0 + "\n" }.joined()
  }
}
