package import Model
internal import StageContracts

extension UsersModule {
  package static func check(_ modules: [Located<UsersModule>], _ problems: inout Problems) {
    let users = modules.flatMap(\.value.users)
    let groups = modules.flatMap(\.value.groups)
    refuseSharedNames(users, groups, &problems)
    refuseSharedNumbers(users, groups, &problems)
    refuseDebiansNumbers(users, &problems)
  }

  /// Debian Policy 9.2.2: the numbers from 0 to 99 are the same on every Debian system.
  private static func refuseDebiansNumbers(
    _ users: [Located<Users.User>], _ problems: inout Problems
  ) {
    for user in users {
      guard let uid = user.value.uid, uid < 100 else { continue }
      let name = user.value.name
      problems.report(
        present.contains(name)
          ? "Debian already assigns a user ID to '\(name)'"
          : "the user ID \(uid) is reserved by Debian",
        at: user.mark,
        remedy: present.contains(name)
          ? "remove 'uid'" : "use 1000 and up for people, 100 to 999 for services")
    }
  }

  private static func refuseSharedNames(
    _ users: [Located<Users.User>], _ groups: [Located<Users.Group>], _ problems: inout Problems
  ) {
    let names = users.map { Located($0.value.name, at: $0.mark) }
    problems.refuseRepeated(names, "user") { "'\($0)'" }
    let others = groups.map { Located($0.value.name, at: $0.mark) }
    problems.refuseRepeated(others, "group") { "'\($0)'" }
  }

  private static func refuseSharedNumbers(
    _ users: [Located<Users.User>], _ groups: [Located<Users.Group>], _ problems: inout Problems
  ) {
    let uids = users.compactMap { user in user.value.uid.map { Located($0, at: user.mark) } }
    let gids = groups.compactMap { group in group.value.gid.map { Located($0, at: group.mark) } }
    problems.refuseRepeated(uids, "user ID") { "\($0)" }
    problems.refuseRepeated(gids, "group ID") { "\($0)" }
    for gid in gids {
      guard let user = users.first(where: { $0.value.uid == gid.value }) else { continue }
      problems.report(
        "the group ID \(gid.value) is the user ID of '\(user.value.name)'", at: gid.mark,
        remedy: "choose another one: the user's own group has the same ID as the user")
    }
  }
}
