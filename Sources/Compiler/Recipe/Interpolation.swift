internal import Model

/// Puts the values of variables where `${{ name }}` stands in a recipe's texts.
///
/// No shell has a meaning for `${{`, so scripts stay what they are. `$${{` stands for `${{` itself.
struct Interpolation {
  private let variables: Variables
  private let values: [String: Variables.Value]
  private var problems: [Diagnostic] = []
  /// The names of those that stand somewhere.
  private var used: Set<String> = []
  /// In bytes, how much the values may yet add.
  private var room = 4 << 20

  private static let open = Array("${{".utf8)
  private static let close = Array("}}".utf8)

  /// Puts all values in place; the recipe's variables stay as they are declared.
  ///
  /// - Returns: The recipe, and the names of the variables that stand in it.
  /// - Throws: All that names no variable.
  static func apply(_ values: [String: Variables.Value], of variables: Variables, to recipe: Node)
    throws(Refusal) -> (Node, used: Set<String>)
  {
    guard case .object(let members) = recipe.value else { return (recipe, []) }
    var interpolation = Interpolation(variables: variables, values: values)
    let replaced = members.map { member in
      member.key == "variables"
        ? member
        : Node.Member(member.key, interpolation.replace(member.value), keyMark: member.keyMark)
    }
    if !interpolation.problems.isEmpty { throw Refusal(diagnostics: interpolation.problems) }
    return (Node(.object(replaced), mark: recipe.mark), interpolation.used)
  }

  /// The text of a file with all values in place.
  ///
  /// - Parameters:
  ///   - text: The file's text.
  ///   - file: What it is called in a diagnostic.
  ///   - values: The values, by name.
  ///   - variables: The variables that there are.
  ///   - used: Gets the names of those that stand in it.
  ///   - problems: Is told what names no variable, at its line.
  /// - Returns: The text.
  static func fill(
    _ text: String, of file: String, _ values: [String: Variables.Value],
    _ variables: Variables, _ used: inout Set<String>, _ problems: inout Problems
  ) -> String {
    var interpolation = Interpolation(variables: variables, values: values)
    let lines = text.parts(at: "\n", keepingEmpty: true)
    let filled = lines.enumerated().map { index, line -> String in
      guard let place = line.utf8.firstRange(of: Self.open) else { return line }
      let column = line.unicodeScalars[..<place.lowerBound].count + 1
      let mark = Mark(file: file, line: index + 1, column: column)
      switch interpolation.replace(line, at: mark).value {
      case .string(let text): return text
      case .integer(let number): return "\(number)"
      case .bool(let flag): return "\(flag)"
      default: return line
      }
    }
    for problem in interpolation.problems {
      problems.report(problem.problem, at: problem.mark, remedy: problem.remedy)
    }
    used.formUnion(interpolation.used)
    return filled.joined(separator: "\n")
  }

  private init(variables: Variables, values: [String: Variables.Value]) {
    self.variables = variables
    self.values = values
  }

  private mutating func replace(_ node: Node) -> Node {
    var node = node
    switch node.value {
    case .string(let text): node = replace(text, at: node.mark)
    case .list(let items):
      var replaced: [Node] = []
      for item in items { replaced.append(replace(item)) }
      node.value = .list(replaced)
    case .object(let members):
      var replaced: [Node.Member] = []
      for member in members {
        replaced.append(Node.Member(member.key, replace(member.value), keyMark: member.keyMark))
      }
      node.value = .object(replaced)
    default: break
    }
    return node
  }

  private mutating func replace(_ text: String, at mark: Mark?) -> Node {
    let asItIs = Node(.string(text), mark: mark)
    var rest = Array(text.utf8)[...]
    guard rest.firstRange(of: Self.open) != nil else { return asItIs }
    var result: [UInt8] = []
    while let start = rest.firstRange(of: Self.open) {
      if start.lowerBound > rest.startIndex, rest[start.lowerBound - 1] == UInt8(ascii: "$") {
        result += rest[..<start.lowerBound].dropLast() + Self.open
        rest = rest[start.upperBound...]
        continue
      }
      result += rest[..<start.lowerBound]
      rest = rest[start.upperBound...]
      guard let end = rest.firstRange(of: Self.close) else {
        report(
          "'${{' has no closing '}}'", at: mark, remedy: "write ${{ name }}, or $${{ for the text"
        )
        return asItIs
      }
      let words = String(decoding: rest[..<end.lowerBound], as: UTF8.self)
        .split(whereSeparator: \.isWhitespace)
      rest = rest[end.upperBound...]
      guard words.count == 1, let name = words.first.map(String.init),
        name.fits(Variables.namePattern)
      else {
        report(
          "'${{ \(words.joined(separator: " ").shortened) }}' is not the name of a variable",
          at: mark,
          remedy: "write the name alone, ${{ name }}, or $${{ for the text")
        continue
      }
      guard let value = values[name] else {
        report(
          "unknown variable '\(name)'", at: mark, remedy: variables.remedy(for: name))
        continue
      }
      room -= value.text.utf8.count
      guard room >= 0 else {
        if problems.isEmpty {
          report(
            "the recipe exceeds 4MiB after replacing its variables", at: mark,
            remedy: "put large texts into files, and refer to them with 'source'")
        }
        return asItIs
      }
      used.insert(name)
      // A value that stands alone keeps its type.
      if result.isEmpty, rest.isEmpty {
        var alone = Node(value.node, mark: mark)
        alone.variable = name
        return alone
      }
      result += value.text.utf8
    }
    return Node(.string(String(decoding: result + rest, as: UTF8.self)), mark: mark)
  }

  private mutating func report(_ problem: String, at mark: Mark?, remedy: String) {
    problems.append(Diagnostic(problem, at: mark, remedy: remedy))
  }
}
