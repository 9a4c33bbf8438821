internal import Model

extension Recipe {
  /// Reports what is wrong between the parts of the recipe, each being right by itself.
  func check(_ problems: inout Problems) {
    for kind in moduleCatalog {
      if kind.isSingle { refuseSecond(kind, &problems) }
      kind.check(among: modules, &problems)
    }
    let images = images.map { Located($0.value.name, at: $0.mark) }
    problems.refuseRepeated(images, "image name") { "'\($0)'" }
    problems.refuseRepeated(destinations, "destination") { "'\($0)'" }
    for packages in packageModules { packages.refuseStrangers(to: base, &problems) }
    refuseLostArguments(&problems)
    refuseArguments(&problems)
    refuseBadInitramfs(&problems)
    refuseForOSTree(&problems)
    refuseBadDisks(&problems)
  }

  /// The paths that modules write; a second of a kind that is to be there once is told as that alone.
  private var destinations: [Located<String>] {
    var single: Set<String> = []
    return modules.map(\.value).filter { module in
      let kind = type(of: module)
      return !kind.isSingle || single.insert(kind.type).inserted
    }.flatMap(\.destinations)
  }

  private func refuseSecond(_ kind: any Module.Type, _ problems: inout Problems) {
    let same = modules.filter { type(of: $0.value).type == kind.type }
    for module in same.dropFirst() {
      problems.report(
        "duplicate module '\(kind.type)'", at: module.mark,
        remedy: same[0].mark.map { "it is already on line \($0.line) of \($0.file): keep one" })
    }
  }
}

extension Module {
  fileprivate static func check(
    among modules: [Located<any Module>], _ problems: inout Problems
  ) {
    check(modules.all(Self.self), &problems)
  }
}
