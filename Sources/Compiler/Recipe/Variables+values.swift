internal import Model

extension Variables {
  /// The value of each variable, by its name: what is set, or else its default.
  ///
  /// - Throws: All that is wrong with what is set, and all that is not set and must be.
  func values(_ settings: [Setting]) throws(Refusal) -> [String: Value] {
    var problems: [Diagnostic] = []
    var values: [String: Value] = [:]
    for variable in declared { values[variable.name] = variable.standard }
    var seen: Set<ByteString> = []
    for setting in settings {
      let argument = "--set \(setting.name)=\(setting.text.shortened)"
      guard seen.insert(ByteString(setting.name)).inserted else {
        problems.append(
          Diagnostic("'\(setting.name)' is set twice", remedy: "keep one --set for it"))
        continue
      }
      guard let variable = declared.first(where: { $0.name.isSame(as: setting.name) }) else {
        problems.append(
          Diagnostic(
            "\(argument): the recipe has no variable '\(setting.name)'",
            remedy: remedy(for: setting.name)))
        continue
      }
      guard let value = variable.type.value(setting.text) else {
        problems.append(
          Diagnostic(
            "\(argument): the value is not a \(variable.type.rawValue)", at: variable.mark,
            path: "variables", remedy: variable.type.remedy))
        continue
      }
      guard variable.allows(value) else {
        problems.append(
          Diagnostic(
            "\(argument): the value is not one of the choices", at: variable.mark,
            path: "variables",
            remedy: "the choices are \(variable.choices.joined(separator: ", "))"))
        continue
      }
      values[setting.name] = value
    }
    for variable in declared
    where values[variable.name] == nil && !seen.contains(ByteString(variable.name)) {
      problems.append(
        Diagnostic(
          "the variable '\(variable.name)' has no value", at: variable.mark, path: "variables",
          remedy: "set it with --set \(variable.name)=VALUE, or add a 'default'"))
    }
    if problems.isEmpty { return values }
    throw Refusal(diagnostics: problems)
  }

  /// What to do about a name that is not declared.
  func remedy(for name: String) -> String {
    let names = declared.map(\.name)
    if let near = suggestion(for: name, among: names) { return "did you mean '\(near)'?" }
    if names.isEmpty { return "declare it at the top of the recipe: 'variables: {\(name): value}'" }
    return "the variables are \(names.joined(separator: ", "))"
  }
}

extension Variables.Kind {
  fileprivate func value(_ text: String) -> Variables.Value? {
    switch self {
    case .text: .text(text)
    case .number: Int(text).map(Variables.Value.number)
    case .boolean: text == "true" ? .boolean(true) : text == "false" ? .boolean(false) : nil
    }
  }
}
