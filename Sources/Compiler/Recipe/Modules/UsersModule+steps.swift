internal import Model
internal import StageContracts

extension UsersModule {
  package func steps(among modules: [Located<any Module>], _ contents: Contents) -> [Step] {
    let users = numbers(for: modules)
    return [Step(numbered(self, users, spareNumbers(for: modules, besides: users)))]
  }
}

/// A number for each user without one: from 1000 up, a system's from 600 up, in the recipe's order, those that are taken
/// left out.
private func numbers(for modules: [Located<any Module>]) -> [String: Int] {
  let all = modules.all(UsersModule.self).map(\.value)
  var taken = Set(all.flatMap(\.users).compactMap(\.value.uid))
  taken.formUnion(all.flatMap(\.groups).compactMap(\.value.gid))
  var numbers: [String: Int] = [:]
  let system = all.reduce(into: Set<String>()) { $0.formUnion($1.system) }
  var next = [true: 600, false: 1000]
  for user in all.flatMap(\.users).map(\.value) where user.uid == nil {
    guard !UsersModule.present.contains(user.name) else { continue }
    let isSystem = system.contains(user.name)
    var number = next[isSystem] ?? 0
    while taken.contains(number) { number += 1 }
    numbers[user.name] = number
    next[isSystem] = number + 1
  }
  return numbers
}

/// A number for each group without one, should no package make it: from 700 up, in the recipe's order.
private func spareNumbers(for modules: [Located<any Module>], besides users: [String: Int])
  -> [String: Int]
{
  let all = modules.all(UsersModule.self).map(\.value)
  var taken = Set(all.flatMap(\.groups).compactMap(\.value.gid))
  taken.formUnion(all.flatMap(\.users).compactMap(\.value.uid))
  taken.formUnion(users.values)
  var numbers: [String: Int] = [:]
  var next = 700
  // The group of a user's own, which is also a group of the recipe, has the user's number.
  var own: [String: Int] = [:]
  for user in all.flatMap(\.users).map(\.value) where user.group == nil {
    own[user.name] = user.uid ?? users[user.name]
  }
  for group in all.flatMap(\.groups).map(\.value) where group.gid == nil {
    if let number = own[group.name] {
      numbers[group.name] = number
      continue
    }
    while taken.contains(next) { next += 1 }
    numbers[group.name] = next
    next += 1
  }
  return numbers
}

private func numbered(
  _ module: UsersModule, _ numbers: [String: Int], _ spare: [String: Int]
) -> Users {
  let users = module.users.map { located -> Users.User in
    var user = located.value
    user.uid = user.uid ?? numbers[user.name]
    user.gid = user.group == nil ? user.uid : nil
    // A login shell for people; what is there already keeps its own.
    if user.uid != nil, user.shell == nil { user.shell = "/bin/bash" }
    return user
  }
  let groups = module.groups.map { located -> Users.Group in
    var group = located.value
    group.spare = spare[group.name]
    return group
  }
  return Users(groups: groups, users: users)
}
