package import Model

/// The questions that packages ask, from the files of templates in which they are declared (debconf-devel(7)).
package struct DebconfTemplates: Sendable {
  private struct Question {
    var type = ""
    /// What can be chosen; empty where that is told only when the question is asked.
    var choices: [String] = []
  }

  private var questions: [String: Question] = [:]
  /// Names of questions that packages have made of a template of another name, and that template.
  private var aliases: [String: String] = [:]
  private let packages: Set<String>

  /// - Parameters:
  ///   - templates: Texts of files of templates, in English and with translations.
  ///   - registered: What debconf remembers of questions (`config.dat`).
  ///   - packages: The names of the packages in the system.
  package init(_ templates: [String], registered: [String] = [], packages: Set<String>) {
    self.packages = packages
    for paragraph in templates.flatMap(Self.paragraphs) {
      guard let name = paragraph["Template"] else { continue }
      let choices = ["Choices", "Choices-C"].flatMap { Self.items(paragraph[$0] ?? "") }
      questions[name] = Question(
        type: paragraph["Type"] ?? "",
        choices: choices.contains { $0.contains("${") } ? [] : choices)
    }
    for paragraph in registered.flatMap(Self.paragraphs) {
      guard let name = paragraph["Name"], let template = paragraph["Template"] else { continue }
      aliases[name] = template
    }
  }

  /// The fields of each paragraph, without translations and what goes over several lines.
  private static func paragraphs(_ text: String) -> [[String: String]] {
    text.split(separator: "\n", omittingEmptySubsequences: false).split(separator: "").map {
      lines in
      var fields: [String: String] = [:]
      for line in lines where line.utf8.first != UInt8(ascii: " ") {
        guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { continue }
        let value = line[line.utf8.index(after: colon)...]
        fields[String(line[..<colon])] = String(value.drop { $0 == " " })
      }
      return fields
    }
  }

  /// The items of a list, where `\,` is a comma in one.
  private static func items(_ text: String) -> [String] {
    var items = [""]
    var isEscaped = false
    for letter in text {
      switch letter {
      case _ where isEscaped:
        items[items.count - 1].append(letter)
        isEscaped = false
      case "\\": isEscaped = true
      case ",": items.append("")
      case " " where items[items.count - 1].isEmpty: break
      default: items[items.count - 1].append(letter)
      }
    }
    return items.filter { !$0.isEmpty }
  }

  /// Checks answers: a slip in one would leave the package with its default, and nobody would know.
  ///
  /// - Parameter answers: Lines as debconf-set-selections(1) reads them.
  /// - Throws: For all that are to questions that no package asks, or none of what can be chosen.
  package func check(_ answers: [String]) throws(Failure) {
    var slips: [Failure] = []
    for answer in answers {
      do throws(Failure) { try check(answer) } catch { slips.append(error) }
    }
    guard let first = slips.first else { return }
    if slips.count == 1 { throw first }
    let lines = slips.map { "\n  \($0.object): \($0.cause); \($0.remedy ?? "")" }
    throw Failure(
      "use", "\(slips.count) answers to packages' questions", cause: lines.joined(),
      remedy: "correct each of them in the recipe")
  }

  private func check(_ answer: String) throws(Failure) {
    let words = answer.split(separator: " ", maxSplits: 3).map(String.init)
    guard words.count >= 3 else { return }
    let (package, name, type) = (words[0], words[1], words[2])
    let value = words.count > 3 ? words[3] : ""
    func refusal(_ cause: String, near word: String, _ known: [String], else remedy: String)
      -> Failure
    {
      let nearest = suggestion(for: word, among: known.sorted()).map { "did you mean '\($0)'?" }
      return Failure("use", "the answer '\(answer)'", cause: cause, remedy: nearest ?? remedy)
    }
    // What the installer and debconf itself ask belongs to no package of a system.
    guard packages.contains(package) || package == "d-i" else {
      throw refusal(
        "the package '\(package)' is not installed", near: package, Array(packages),
        else: "install it, or leave the answer out")
    }
    guard let question = questions[name] ?? aliases[name].flatMap({ questions[$0] }) else {
      let own = questions.keys.filter { $0.hasPrefix(package + "/") }.sorted()
      throw refusal(
        "no installed package asks '\(name)'", near: name,
        own.isEmpty ? Array(questions.keys) : own,
        else: own.isEmpty
          ? "\(package) asks no questions"
          : "\(package) asks: \(own.prefix(20).joined(separator: ", "))"
      )
    }
    guard type != "seen", !value.isEmpty else { return }
    let given = question.type == "multiselect" ? Self.items(value) : [value]
    let choices = question.type == "boolean" ? ["true", "false"] : question.choices
    guard ["select", "multiselect", "boolean"].contains(question.type), !choices.isEmpty,
      let wrong = given.first(where: { !choices.contains($0) })
    else { return }
    throw refusal(
      "'\(wrong)' is not one of the choices", near: wrong, choices,
      else: "choose one of: \(choices.prefix(20).joined(separator: ", "))")
  }
}
