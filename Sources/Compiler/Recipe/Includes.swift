internal import Files
internal import Model
internal import YAML

/// Puts the modules of other files where `{from-file: …}` stands, as if they were written there.
struct Includes {
  private let project: Project
  private var problems: [Diagnostic] = []
  /// How many files deep inclusion may go.
  private static let depthLimit = 16
  /// How many times files are included, all in all: each file can include others many times.
  private static let countLimit = 1000
  private var count = 0

  /// What an entry of this kind looks like in the recipe's schema.
  static let description = Schema<String>.object(
    Field(
      "from-file", { $0 }, .string,
      "A file with a list of modules, relative to the file that names it."),
    make: { $0 }
  ).describe()

  /// The recipe with all its modules in place.
  static func expand(_ recipe: Node, in project: Project) throws(Refusal) -> Node {
    guard case .object(var members) = recipe.value,
      let index = members.firstIndex(where: { $0.key == "modules" }),
      case .list(let items) = members[index].value.value
    else { return recipe }
    var includes = Includes(project: project)
    let open = [recipe.mark?.file].compactMap { $0 }.map(\.normalisedPath)
    let modules = includes.expand(items, open: open)
    if !includes.problems.isEmpty { throw Refusal(diagnostics: includes.problems) }
    members[index].value.value = .list(modules)
    return Node(.object(members), mark: recipe.mark)
  }

  private mutating func expand(_ items: [Node], open: [String]) -> [Node] {
    items.flatMap { item -> [Node] in
      guard case .object(let members) = item.value,
        let include = members.first(where: { $0.key == "from-file" })
      else { return [item] }
      let when = members.first { $0.key == "when" }
      guard members.count == (when == nil ? 1 : 2), case .string(let written) = include.value.value,
        !written.isEmpty
      else {
        report(
          "'from-file' cannot be combined with keys other than 'when'", at: include.keyMark,
          remedy: "write '- from-file: common/base.yml'")
        return []
      }
      let path = written.resolved(besideFile: include.value.mark?.file ?? "")
      let chain = (open + [path.normalisedPath]).joined(separator: " → ")
      guard !open.has(path.normalisedPath) else {
        report(
          "the file '\(written)' includes itself", at: include.value.mark,
          remedy: "break the cycle: \(chain)")
        return []
      }
      guard open.count < Self.depthLimit else {
        report(
          "the file '\(written)' is included more than \(Self.depthLimit - 1) files deep",
          at: include.value.mark, remedy: "include it from a file nearer to the recipe: \(chain)")
        return []
      }
      count += 1
      guard count <= Self.countLimit else {
        if count == Self.countLimit + 1 {
          report(
            "files are included more than \(Self.countLimit) times in total",
            at: include.value.mark, remedy: "include each file once")
        }
        return []
      }
      let included = expand(
        modules(of: path, at: include.value.mark), open: open + [path.normalisedPath])
      return when.map { when in included.map { $0.wanted(when) } } ?? included
    }
  }

  private mutating func modules(of path: String, at mark: Mark?) -> [Node] {
    do {
      let node = try YAML.parse(try Files.readDocument(path, in: project), file: path)
      if case .list(let items) = node.value { return items }
      if case .object(let members) = node.value, members.count == 1, members[0].key == "modules",
        case .list(let items) = members[0].value.value
      {
        return items
      }
      report(
        "this file has no list of modules", at: node.mark,
        remedy: "it must contain 'modules:' with a list, and nothing else")
    } catch let refusal as Refusal {
      problems += refusal.diagnostics
    } catch {
      report(
        "cannot read '\(path)': \((error as? Failure)?.cause ?? "\(error)")", at: mark,
        remedy: (error as? Failure)?.remedy ?? "the path is relative to the file that names it")
    }
    return []
  }

  private mutating func report(_ problem: String, at mark: Mark?, remedy: String) {
    problems.append(Diagnostic(problem, at: mark, path: "modules", remedy: remedy))
  }
}

extension Node {
  /// The module, wanted only when this holds too.
  fileprivate func wanted(_ when: Member) -> Node {
    guard case .object(var members) = value else { return self }
    guard let index = members.firstIndex(where: { $0.key == "when" }) else {
      return Node(.object(members + [when]), mark: mark)
    }
    func list(_ node: Node) -> [Node] {
      if case .list(let items) = node.value { items } else { [node] }
    }
    members[index].value = Node(
      .list(list(when.value) + list(members[index].value)), mark: when.value.mark)
    return Node(.object(members), mark: mark)
  }
}

extension String {
  /// The path without `.`, empty parts and `name/..`, to tell whether two are the same.
  var normalisedPath: String {
    var parts: [String] = []
    for part in self.parts(at: "/") where !part.isSame(as: ".") {
      if part.isSame(as: ".."), let last = parts.last, !last.isSame(as: "..") {
        parts.removeLast()
      } else {
        parts.append(part)
      }
    }
    return (begins(with: "/") ? "/" : "") + parts.joined(separator: "/")
  }
}
