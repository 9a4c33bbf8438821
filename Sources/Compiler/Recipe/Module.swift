package import Model
package import StageContracts

/// One thing that is done to the system.
package enum Module: Sendable, Equatable {
  case packages(Packages)
  case hostname(Hostname)
  case locale(Locale)
  case timezone(Timezone)
  case keyboard(Keyboard)
  case users(UsersModule)
  case systemd(Systemd)
  case files(FilesModule)
  case script(ScriptModule)

  /// The kinds, as `type` names them.
  package enum Kind: String, Sendable, CaseIterable {
    case packages, hostname, locale, timezone, keyboard, users, systemd, files, script
  }

  package var kind: Kind {
    switch self {
    case .packages: .packages
    case .hostname: .hostname
    case .locale: .locale
    case .timezone: .timezone
    case .keyboard: .keyboard
    case .users: .users
    case .systemd: .systemd
    case .files: .files
    case .script: .script
    }
  }
}

extension Module.Kind {
  /// One sentence for people.
  package var summary: String {
    switch self {
    case .packages: "Install Debian packages."
    case .hostname: Hostname.summary
    case .locale: Locale.summary
    case .timezone: Timezone.summary
    case .keyboard: Keyboard.summary
    case .users: Users.summary
    case .systemd: Systemd.summary
    case .files: "Put files and folders into the tree."
    case .script: Script.summary
    }
  }

  /// Whether a system can have only one of this kind.
  var isSingle: Bool {
    switch self {
    case .hostname, .locale, .timezone, .keyboard: true
    case .packages, .users, .systemd, .files, .script: false
    }
  }

  fileprivate var describe: @Sendable () -> Node {
    switch self {
    case .packages: Packages.schema.describe
    case .hostname: Module.hostnameSchema.describe
    case .locale: Module.localeSchema.describe
    case .timezone: Module.timezoneSchema.describe
    case .keyboard: Module.keyboardSchema.describe
    case .users: UsersModule.schema.describe
    case .systemd: Module.systemdSchema.describe
    case .files: FilesModule.schema.describe
    case .script: ScriptModule.schema.describe
    }
  }

  fileprivate func decode(_ node: Node, _ problems: inout Problems) -> Module? {
    switch self {
    case .packages: Packages.schema.decode(node, &problems).map(Module.packages)
    case .hostname: Module.hostnameSchema.decode(node, &problems).map(Module.hostname)
    case .locale: Module.localeSchema.decode(node, &problems).map(Module.locale)
    case .timezone: Module.timezoneSchema.decode(node, &problems).map(Module.timezone)
    case .keyboard: Module.keyboardSchema.decode(node, &problems).map(Module.keyboard)
    case .users: UsersModule.schema.decode(node, &problems).map(Module.users)
    case .systemd: Module.systemdSchema.decode(node, &problems).map(Module.systemd)
    case .files: FilesModule.schema.decode(node, &problems).map(Module.files)
    case .script: ScriptModule.schema.decode(node, &problems).map(Module.script)
    }
  }
}

extension Module {
  /// A mapping whose `type` says which further keys there are.
  package static let schema = Schema<Module>(
    describe: {
      let kinds = Kind.allCases.map { kind -> Node in
        guard case .object(var members) = kind.describe().value else { return .object([]) }
        let type = Node.object([("const", .string(kind.rawValue))])
        for (index, member) in members.enumerated() {
          switch (member.key, member.value.value) {
          case ("properties", .object(let own)):
            members[index].value = Node(.object([Node.Member("type", type)] + own))
          case ("required", .list(let own)):
            members[index].value = .list([.string("type")] + own)
          default: break
          }
        }
        return Node(.object(members + [Node.Member("description", .string(kind.summary))]))
      }
      return .object([("oneOf", .list(kinds + [Includes.description]))])
    },
    decode: { (node, problems) -> Module? in
      guard case .object(let members) = node.value else {
        problems.report(
          "expected a module, found \(node.kind)", at: node.mark,
          remedy: "write a mapping that begins with 'type: packages'")
        return nil
      }
      guard let type = members.first(where: { $0.key == "type" }) else {
        problems.report(
          "the module has no 'type'", at: node.mark,
          remedy: "add one of \(Kind.allCases.map(\.rawValue).joined(separator: ", "))")
        return nil
      }
      let kind = problems.inside(".type") { Schema<Kind>.choice.decode(type.value, &$0) }
      let rest = Node(.object(members.filter { $0.key != "type" }), mark: node.mark)
      return kind?.decode(rest, &problems)
    },
    // A recipe is read only; nothing writes one.
    encode: { .object([("type", .string($0.kind.rawValue))]) })
}
