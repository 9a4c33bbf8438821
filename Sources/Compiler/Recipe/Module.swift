package import Model

/// One thing that is done to the system, and all that is said of its kind: a module is one file.
///
/// From it come the kind's place in the recipe's schema, its page in docs/modules, its line in
/// `particle list modules`, the packages it brings and the stages it comes to. A new kind is a new
/// file and a name in `moduleCatalog`.
package protocol Module: Sendable {
  /// What `type` says.
  static var type: String { get }
  /// One sentence for people.
  static var summary: String { get }
  /// A list of modules in YAML that a person could write; the tests compile it.
  static var example: String { get }
  /// What its page says beyond keys and example, in Markdown; empty where they say all.
  static var notes: String { get }
  /// Whether a system can have only one of this kind.
  static var isSingle: Bool { get }
  /// Its keys, without `type`.
  static var schema: Schema<Self> { get }
  /// Reports what is wrong between the modules of this kind, each being right by itself.
  static func check(_ modules: [Located<Self>], _ problems: inout Problems)

  /// The Debian packages whose programs it runs or whose files it changes.
  var needs: [String] { get }
  /// The same where other modules have a say: all of the recipe are given.
  func needs(among modules: [Located<any Module>]) -> [String]
  /// What it takes from this machine.
  var contents: [Content] { get }
  /// The container images that it puts into the system.
  var containers: [Located<NamedImage>] { get }
  /// The paths that it writes, to find two modules that write the same one.
  var destinations: [Located<String>] { get }
  /// Reports what is wrong with what it takes from this machine.
  func check(_ contents: Contents, _ problems: inout Problems)
  /// The stages that it comes to, all packages being installed.
  ///
  /// - Parameters:
  ///   - modules: All modules of the recipe, in order.
  ///   - contents: What the recipe's files hold.
  /// - Returns: The stages, in order.
  func steps(among modules: [Located<any Module>], _ contents: Contents) -> [Step]
}

extension Module {
  package static var notes: String { "" }
  package static var isSingle: Bool { false }
  package static func check(_ modules: [Located<Self>], _ problems: inout Problems) {}
  package var needs: [String] { [] }
  package func needs(among modules: [Located<any Module>]) -> [String] { needs }
  package var contents: [Content] { [] }
  package var containers: [Located<NamedImage>] { [] }
  package var destinations: [Located<String>] { [] }
  package func check(_ contents: Contents, _ problems: inout Problems) {}

  fileprivate static func read(_ node: Node, _ problems: inout Problems) -> (any Module)? {
    schema.decode(node, &problems)
  }

  /// The JSON Schema of a module of this kind, `type` among its keys.
  package static func describe() -> Node {
    guard case .object(var members) = schema.describe().value else { return .object([]) }
    let kind = Node.object([
      ("const", .string(type)), ("description", .string("The kind of module: " + summary)),
    ])
    for (index, member) in members.enumerated() {
      switch (member.key, member.value.value) {
      case ("properties", .object(let own)):
        members[index].value = Node(.object([Node.Member("type", kind)] + own))
      case ("required", .list(let own)):
        members[index].value = .list([.string("type")] + own)
      default: break
      }
    }
    return Node(.object(members + [Node.Member("description", .string(summary))]))
  }
}

/// How a module stands in a recipe.
enum AnyModule {
  /// A mapping whose `type` says which further keys there are.
  static let schema = Schema<any Module>(
    describe: {
      // One if/then per type: an editor then reports what is wrong with that module, not how it differs from every other.
      let kinds = moduleCatalog.map { kind in
        Node.object([
          (
            "if",
            .object([
              ("required", .list([.string("type")])),
              (
                "properties",
                .object([("type", .object([("const", .string(kind.type))]))])
              ),
            ])
          ), ("then", kind.describe()),
        ])
      }
      let types = Node.object([
        ("description", .string("The kind of module.")),
        ("enum", .list(moduleCatalog.map { .string($0.type) })),
      ])
      return .object([
        ("if", .object([("required", .list([.string("from-file")]))])),
        ("then", Includes.description),
        (
          "else",
          .object([
            ("type", .string("object")), ("required", .list([.string("type")])),
            ("properties", .object([("type", types)])), ("allOf", .list(kinds)),
          ])
        ),
      ])
    },
    decode: { (node, problems) -> (any Module)? in
      guard case .object(let members) = node.value else {
        problems.report(
          "expected a module, found \(node.kind)", at: node.mark,
          remedy: "write a mapping that begins with 'type: packages'")
        return nil
      }
      guard let type = members.first(where: { $0.key == "type" }) else {
        problems.report(
          "the module has no 'type'", at: node.mark, remedy: "add one of \(types)")
        return nil
      }
      guard let kind = problems.inside(.key("type"), { kind(type.value, &$0) }) else { return nil }
      let rest = Node(.object(members.filter { $0.key != "type" }), mark: node.mark)
      return kind.read(rest, &problems)
    },
    // A recipe is read only; nothing writes one.
    encode: { .object([("type", .string(Swift.type(of: $0).type))]) })

  private static func kind(_ node: Node, _ problems: inout Problems) -> (any Module.Type)? {
    if case .string(let text) = node.value {
      let types = moduleCatalog.map { $0.type }
      if let kind = moduleCatalog.first(where: { $0.type == text }) { return kind }
      if let near = suggestion(for: text, among: types) {
        problems.report(
          "unknown module '\(text.shortened)'", at: node.mark,
          remedy: "did you mean '\(near)'? 'particle list modules' shows them all")
        return nil
      }
      if let remedy = problems.guide(text, types) {
        problems.report(
          "unknown module '\(text.shortened)'", at: node.mark, remedy: remedy)
        return nil
      }
    }
    problems.report(
      "\(node.kind) is not a module type", at: node.mark, remedy: "use one of \(types)")
    return nil
  }

  private static var types: String { moduleCatalog.map { $0.type }.joined(separator: ", ") }
}

extension [Located<any Module>] {
  /// Those of one kind, in their order.
  func all<Kind: Module>(_: Kind.Type) -> [Located<Kind>] {
    compactMap { module in
      (module.value as? Kind).map { Located<Kind>($0, at: module.mark) }
    }
  }
}
