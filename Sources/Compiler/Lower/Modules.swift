internal import Hashing
internal import Model
internal import StageContracts

/// The stages that the modules come to, in their order.
///
/// Packages are installed before all of them.
func settings(_ modules: [Located<Module>], contents: Contents) -> [Step] {
  let numbers = numbers(for: modules)
  return modules.compactMap { module -> Step? in
    switch module.value {
    case .packages: nil
    case .hostname(let hostname): Step(hostname)
    case .locale(let locale): Step(locale)
    case .timezone(let timezone): Step(timezone)
    case .keyboard(let keyboard): Step(keyboard)
    case .users(let users): Step(numbered(users, numbers))
    case .systemd(let systemd): Step(systemd)
    case .files(let files): copies(files, contents)
    case .script(let script):
      Step(
        Script(
          script: text(script.text, contents), interpreter: script.interpreter,
          environment: script.environment))
    }
  }
}

/// Users that Debian's base-passwd makes: they have their numbers.
private let presentUsers: Set<String> = [
  "root", "daemon", "bin", "sys", "sync", "games", "man", "lp", "mail", "news", "uucp", "proxy",
  "www-data", "backup", "list", "irc", "_apt", "nobody",
]

/// A number for each user without one: from 1000 up, in the recipe's order, those that are taken
/// left out.
private func numbers(for modules: [Located<Module>]) -> [String: Int] {
  let all = modules.compactMap { module -> UsersModule? in
    guard case .users(let users) = module.value else { return nil }
    return users
  }
  var taken = Set(all.flatMap(\.users).compactMap(\.value.uid))
  taken.formUnion(all.flatMap(\.groups).compactMap(\.value.gid))
  var numbers: [String: Int] = [:]
  var next = 1000
  for user in all.flatMap(\.users) where user.value.uid == nil {
    guard !presentUsers.contains(user.value.name) else { continue }
    while taken.contains(next) { next += 1 }
    numbers[user.value.name] = next
    next += 1
  }
  return numbers
}

private func numbered(_ module: UsersModule, _ numbers: [String: Int]) -> Users {
  let users = module.users.map { located -> Users.User in
    var user = located.value
    user.uid = user.uid ?? numbers[user.name]
    user.gid = user.uid
    // A login shell for people; what is there already keeps its own.
    if user.uid != nil, user.shell == nil { user.shell = "/bin/bash" }
    return user
  }
  return Users(groups: module.groups.map(\.value), users: users)
}

private func copies(_ module: FilesModule, _ contents: Contents) -> Step {
  let files = module.files.flatMap { placed($0, contents) }
  var digests: [Digest] = []
  for file in files where !digests.contains(file.digest) { digests.append(file.digest) }
  return Step(FileCopies(files: files.map(\.copy)), ["files": .sources(digests)])
}

private func placed(_ entry: FilesModule.Entry, _ contents: Contents)
  -> [(digest: Digest, copy: FileCopies.File)]
{
  entry.content.files(contents).map { file in
    let digest = SHA256.digest(file.bytes)
    let name = file.name.isEmpty ? "" : "/\(file.name)"
    let copy = FileCopies.File(
      source: digest.hex, destination: entry.destination.value + name,
      mode: entry.mode ?? FileMode(bits: file.isExecutable ? 0o755 : 0o644), owner: entry.owner,
      group: entry.group)
    return (digest, copy)
  }
}

private func text(_ content: FilesModule.Content, _ contents: Contents) -> String {
  String(decoding: content.files(contents).flatMap(\.bytes), as: UTF8.self)
}

extension FilesModule.Content {
  /// The files that it stands for.
  func files(_ contents: Contents) -> [Contents.File] {
    switch self {
    case .text(let text): [Contents.File(name: "", bytes: Array(text.utf8), isExecutable: false)]
    case .path(let path): contents.files[path.value] ?? []
    }
  }
}
