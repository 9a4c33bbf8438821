package import Model

extension Recipe {
  /// A recipe as it is written: with all that is wanted only at times.
  package struct Written: Sendable {
    var name: String
    var description: String
    var variables: Variables
    var base: Located<Base>
    var architectures: [Located<Architecture>]
    var epoch: Timestamp?
    var modules: [Located<Conditional<any Module>>]
    var images: [Located<Conditional<Image>>]
  }

  package static let schema = Schema<Written>.object(
    Field(
      "version", { _ in version },
      .integer().refusing {
        $0 == version
          ? nil
          : (
            "unsupported recipe version \($0)",
            "write version: \(version), the only one this program supports"
          )
      }, "The version of the recipe's language: \(version)."),
    Field(
      "name", { $0.name },
      .text(
        "[a-z0-9][a-z0-9._-]{0,62}", "name",
        "use lower-case letters, digits, '.', '_' and '-', at most 63"),
      "The name of the recipe, from which the IDs of disks are derived."),
    Field(
      "description", { $0.description }, .string, default: "",
      "One sentence that describes the recipe."),
    Field(
      "variables", { $0.variables }, Variables.schema, default: Variables(declared: []),
      "Variables that can be set when the recipe is compiled, with their defaults."),
    Field("base", { $0.base }, Base.schema.located, "The system to start from."),
    Field(
      "architectures", { $0.architectures },
      .list(of: Schema<Architecture>.choice.located).refusingEmpty("architecture"),
      default: [Located(.amd64)], "The architectures that the image is for."),
    Field(
      optional: "epoch", { $0.epoch }, Timestamp.epochSchema,
      "The latest modification time that a file in the image may have."),
    Field(
      "modules", { $0.modules }, .list(of: AnyModule.schema.conditional.located), default: [],
      "The modules to apply to the base system, in order."),
    Field(
      "images", { $0.images }, .list(of: Image.schema.conditional.located), default: [],
      "The images to build."),
    make: { _, name, description, variables, base, architectures, epoch, modules, images in
      Written(
        name: name, description: description, variables: variables, base: base,
        architectures: architectures, epoch: epoch, modules: modules, images: images)
    })
}

extension Recipe.Written {
  /// The recipe for one architecture and these values of its variables.
  func recipe(for architecture: Architecture, _ values: [String: Variables.Value]) -> Recipe {
    func wanted<Value>(_ all: [Located<Conditional<Value>>]) -> [Located<Value>] {
      all.filter {
        $0.value.conditions.allSatisfy { $0.holds(architecture, base.value.release, values) }
      }
      .map { Located($0.value.value, at: $0.mark) }
    }
    return Recipe(
      name: name, description: description, base: base.value, baseMark: base.mark,
      architectures: architectures,
      epoch: epoch,
      modules: wanted(modules).map { module in
        let packages = (module.value as? Packages)?.named(on: architecture)
        return Located(packages ?? module.value, at: module.mark)
      }, images: wanted(images), variables: values)
  }

  /// Reports what is wrong whatever is wanted in the end.
  func check(_ problems: inout Problems) {
    for condition in modules.flatMap(\.value.conditions) + images.flatMap(\.value.conditions) {
      condition.check(variables, &problems)
      if base.value.release == nil, condition.releases != nil {
        problems.report(
          "conditions cannot use the container's release: it is not known until the image is"
            + " looked up",
          at: condition.mark,
          remedy: "name the release in the base, next to 'container': 'debian: trixie'")
      }
    }
    refuseMissingFirmware(&problems)
    refuseOwnArchitecture(&problems)
  }

  /// Warns of variables that nothing depends on.
  func reportUnused(beside used: Set<String>, _ problems: inout Problems) {
    let conditions = modules.flatMap(\.value.conditions) + images.flatMap(\.value.conditions)
    let used = used.union(conditions.flatMap(\.variables.keys))
    for variable in variables.declared where !used.contains(variable.name) {
      problems.report(
        "nothing uses the variable '\(variable.name)'", at: variable.mark,
        remedy: "write ${{ \(variable.name) }} where its value belongs, or remove it",
        severity: .warning)
    }
  }

  /// Which of several architectures is compiled for.
  ///
  /// - Parameter name: The one wanted; nil for this machine's own where the recipe has it, else the
  ///   first.
  /// - Returns: The one wanted.
  /// - Throws: When the recipe is not for it.
  func choose(_ name: String?) throws(Refusal) -> Architecture {
    let known = architectures.map(\.value)
    let usual = known.first { $0 == Architecture.own } ?? known.first
    guard let chosen = name.map({ name in known.first { $0.rawValue == name } }) ?? usual else {
      throw Refusal(diagnostics: [
        Diagnostic(
          "the recipe is not for the architecture '\(name ?? "")'",
          remedy: "it is for \(known.map(\.rawValue).joined(separator: ", "))")
      ])
    }
    return chosen
  }
}
