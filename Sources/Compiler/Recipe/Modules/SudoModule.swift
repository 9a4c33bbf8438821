package import Model

/// Who may run what as whom.
package struct SudoModule: Module {
  var rules: [Rule]
  var defaults: [String]

  struct Rule: Sendable {
    var users: [String]
    var groups: [String]
    var runsAs: String
    var commands: [String]
    var password: Bool
  }

  package static let type = "sudo"
  package static let summary = "Choose who may run which commands as root or as another user."
  package static let example = """
    - type: sudo
      rules:
        - {groups: [sudo], password: false}
        - {users: [deploy], commands: [/usr/bin/systemctl restart web.service], password: false}
      defaults: [timestamp_timeout=5]
    """
  package static let notes = """
    Debian lets members of the group `sudo` run any command, with their password; this module adds to that. The rules
    are written to `/etc/sudoers.d/10-particle`, and the build checks them with `visudo -c`.
    """

  package static let schema = Schema<Self>.object(
    Field(
      "rules", { $0.rules }, .list(of: rule), default: [],
      "The rules. The last one that matches wins."
    ),
    Field(
      "defaults", { $0.defaults },
      .list(
        of: .text(
          "!?[a-z_]+([+-]?=[^\\x00-\\x1f\\x7f]+)?", "sudoers(5) default",
          "write it as in sudoers(5): timestamp_timeout=5 or !lecture")),
      default: [], "Defaults entries of sudoers(5)."),
    make: { SudoModule(rules: $0, defaults: $1) })

  private static let rule = Schema<Rule>.object(
    Field(
      "users", { $0.users }, .list(of: .accountName), default: [], "The users that the rule is for."
    ),
    Field(
      "groups", { $0.groups }, .list(of: .accountName), default: [],
      "The groups whose members the rule is for."),
    Field(
      "as", { $0.runsAs },
      .text("ALL|[a-z_][a-z0-9_-]{0,31}", "user", "write a user's name, or ALL"), default: "ALL",
      "The user to run the commands as."),
    Field(
      "commands", { $0.commands },
      .list(
        of: .text(
          "ALL|!?/[^\\x00-\\x1f\\x7f,:=\\\\\"#]*", "command",
          "write the absolute path of the program: /usr/bin/systemctl restart web.service; or"
            + " ALL")),
      default: ["ALL"], "The programs, optionally with their arguments."),
    Field("password", { $0.password }, .bool, default: true, "Whether sudo asks for a password."),
    make: { Rule(users: $0, groups: $1, runsAs: $2, commands: $3, password: $4) }
  ).mapped(
    { rule, node, problems in
      guard rule.users.isEmpty, rule.groups.isEmpty else { return rule }
      problems.report(
        "the rule applies to nobody", at: node.mark,
        remedy: "add 'users: [NAME]' or 'groups: [NAME]'")
      return nil
    }, { $0 })

  package var needs: [String] { ["sudo"] }

  package func steps(among modules: [Located<any Module>], _ contents: Contents) -> [Step] {
    // One file for all of them: each sudo module writes it whole.
    let all = modules.all(SudoModule.self).map(\.value)
    let text = SudoModule(rules: all.flatMap(\.rules), defaults: all.flatMap(\.defaults))
      .configuration
    return [
      Step(placing: [PlacedFile("/etc/sudoers.d/10-particle", text, mode: 0o440)]),
      Step(running: "/usr/sbin/visudo -c -q\n"),
    ]
  }

  private var configuration: String {
    let rules = rules.map { rule in
      let who = (rule.users + rule.groups.map { "%" + $0 }).joined(separator: ", ")
      let commands = rule.commands.joined(separator: ", ")
      let runsAs = rule.runsAs == "ALL" ? "ALL:ALL" : rule.runsAs
      return "\(who) ALL=(\(runsAs)) \(rule.password ? "" : "NOPASSWD: ")\(commands)"
    }
    return (defaults.map { "Defaults \($0)" } + rules).map { $0 + "\n" }.joined()
  }
}
