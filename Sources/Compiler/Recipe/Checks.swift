internal import Model
internal import StageContracts

extension Recipe {
  /// Reports what is wrong between the parts of the recipe, each being right by itself.
  func check(_ problems: inout Problems) {
    refuseSecondSettings(&problems)
    refuseSharedNames(&problems)
    refuseSharedNumbers(&problems)
    refuseDebiansNumbers(&problems)
    refuseTwoVersions(&problems)
    refuseMissingFirmware(&problems)
    refuseBadDisks(&problems)
    let destinations = modules.flatMap { module -> [Located<String>] in
      guard case .files(let files) = module.value else { return [] }
      return files.files.map(\.destination)
    }
    let images = images.map { Located($0.value.name, at: $0.mark) }
    problems.refuseRepeated(images, "image name") { "'\($0)'" }
    problems.refuseRepeated(destinations, "destination") { "'\($0)'" }
  }

  private func refuseSecondSettings(_ problems: inout Problems) {
    for kind in Module.Kind.allCases where kind.isSingle {
      let same = modules.filter { $0.value.kind == kind }
      for module in same.dropFirst() {
        problems.report(
          "the module '\(kind.rawValue)' stands here a second time", at: module.mark,
          remedy: same[0].mark.map { "it is already on line \($0.line) of \($0.file): keep one" })
      }
    }
  }

  /// Debian Policy 9.2.2: the numbers from 0 to 99 are the same on every Debian system.
  private func refuseDebiansNumbers(_ problems: inout Problems) {
    for user in userModules.flatMap(\.users) {
      guard let uid = user.value.uid, uid < 100 else { continue }
      let name = user.value.name
      problems.report(
        UsersModule.present.contains(name)
          ? "the user '\(name)' has a number already" : "the user number \(uid) is Debian's own",
        at: user.mark,
        remedy: UsersModule.present.contains(name)
          ? "leave 'uid' out" : "use 1000 and up for people, 100 to 999 for services")
    }
  }

  private func refuseTwoVersions(_ problems: inout Problems) {
    let asked = modules.flatMap { module -> [Located<String>] in
      guard case .packages(let packages) = module.value else { return [] }
      return packages.install
    }
    var first: [String: String] = [:]
    for package in asked {
      let name = package.value.packageName
      if let other = first[name], other != package.value {
        problems.report(
          "the package '\(name)' is asked for twice, and not alike", at: package.mark,
          remedy: "it is '\(other)' before: keep one")
      }
      first[name] = first[name] ?? package.value
    }
  }

  private var userModules: [UsersModule] {
    modules.compactMap { module in
      guard case .users(let users) = module.value else { return nil }
      return users
    }
  }

  private func refuseSharedNames(_ problems: inout Problems) {
    let users = userModules.flatMap(\.users).map { Located($0.value.name, at: $0.mark) }
    let groups = userModules.flatMap(\.groups).map { Located($0.value.name, at: $0.mark) }
    problems.refuseRepeated(users, "user") { "'\($0)'" }
    problems.refuseRepeated(groups, "group") { "'\($0)'" }
  }

  private func refuseSharedNumbers(_ problems: inout Problems) {
    let users = userModules.flatMap(\.users)
    let uids = users.compactMap { user in user.value.uid.map { Located($0, at: user.mark) } }
    let gids = userModules.flatMap(\.groups).compactMap { group in
      group.value.gid.map { Located($0, at: group.mark) }
    }
    problems.refuseRepeated(uids, "user number") { "\($0)" }
    problems.refuseRepeated(gids, "group number") { "\($0)" }
    for gid in gids {
      guard let user = users.first(where: { $0.value.uid == gid.value }) else { continue }
      problems.report(
        "the group number \(gid.value) is that of the user '\(user.value.name)'", at: gid.mark,
        remedy: "a user's own group has the user's number: choose another one")
    }
  }
}
