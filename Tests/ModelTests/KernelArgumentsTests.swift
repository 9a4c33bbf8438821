import Model
import TestSupport
import Testing

@Suite struct KernelArgumentsTests {
  @Test func `arguments are cut where the kernel cuts them`() {
    #expect(
      KernelArguments(" quiet  dyndbg=\"file a +p\"  \"x=b c\" y ").arguments == [
        "quiet", "dyndbg=\"file a +p\"", "\"x=b c\"", "y",
      ])
  }

  @Test(arguments: [
    ("quiet", "quiet"), ("console=ttyS0,115200", "console=ttyS0,115200"),
    ("ds=nocloud;s=http://192.0.2.1/seed/", "'ds=nocloud;s=http://192.0.2.1/seed/'"),
    ("price=$5", "'price=$5'"), ("a=\"b c\"", "'a=b c'"), ("\"a=b c\"", "'a=b c'"),
    ("a=\"\"", "a="), ("root=UUID=1-2 ro", "root=UUID=1-2 ro"),
  ])
  func `GRUB gets words of its language`(_ line: String, _ words: String) {
    #expect(KernelArguments(line).inGRUB == words)
  }

  @Test(arguments: ["\"\"", "it's", "a\\b", "a\"b\"c", "a=\"b\"c", "a='b c'"])
  func `what GRUB would change is found`(_ argument: String) {
    #expect(KernelArguments.problemInGRUB(argument) != nil)
  }

  @Test func `every printable argument arrives by GRUB, or is found`() throws {
    var chance = Chance()
    var arrived = 0
    for _ in 0..<20_000 {
      let line = (0..<Int.random(in: 1...4, using: &chance)).map { _ in argument(&chance) }.joined(
        separator: " ")
      let wanted = KernelArguments(line)
      guard line.count(where: { $0 == "\"" }) % 2 == 0,
        wanted.arguments.allSatisfy({ KernelArguments.problemInGRUB($0) == nil })
      else { continue }
      let words = try #require(wordsOfGRUB(wanted.inGRUB), "\(line), seed \(chance.seed)")
      let received = KernelArguments(words.map(givenToKernel).joined(separator: " "))
      #expect(
        received.arguments.map(meaning) == wanted.arguments.map(meaning),
        "\(line), seed \(chance.seed)")
      if !line.contains("\"") {
        #expect(received.arguments == wanted.arguments, "\(line), seed \(chance.seed)")
      }
      arrived += 1
    }
    #expect(arrived > 5000, "seed \(chance.seed)")
  }

  private func argument(_ chance: inout Chance) -> String {
    let length = Int.random(in: 1...12, using: &chance)
    var text = String(
      (0..<length).map { _ in
        Character(Unicode.Scalar(UInt8.random(in: 0x21...0x7e, using: &chance)))
      })
    if Bool.random(using: &chance) {
      text = "name=\"" + text.filter { !"'\"\\".contains($0) } + " b\""
    }
    return text
  }

  /// The words of one line as GRUB's lexer finds them (grub-core/script/yylex.l); nil where something in it
  /// is a command, a variable or a pattern.
  private func wordsOfGRUB(_ line: String) -> [String]? {
    var words: [String] = []
    var word: String?
    var isQuoted = false
    for character in line {
      switch character {
      case "'":
        isQuoted.toggle()
        word = word ?? ""
      case _ where isQuoted: word = (word ?? "") + String(character)
      case " ":
        if let word { words.append(word) }
        word = nil
      case _ where "{}|&$;<>\t\n\"\\#?*@".contains(character):
        if character != "@" { return nil }
        word = (word ?? "") + "@"
      default: word = (word ?? "") + String(character)
      }
    }
    return isQuoted ? nil : words + [word].compactMap { $0 }
  }

  /// What GRUB makes of a word (`grub_create_loader_cmdline` in grub-core/lib/cmdline.c).
  private func givenToKernel(_ word: String) -> String {
    let escaped = word.map { "\\'\"".contains($0) ? "\\\($0)" : String($0) }.joined()
    return word.contains(" ") ? "\"\(escaped)\"" : escaped
  }

  /// Name and value of an argument (`next_arg` in the kernel's lib/cmdline.c).
  private func meaning(_ argument: String) -> [String] {
    var text = argument[...]
    let isWhole = text.hasPrefix("\"")
    if isWhole { text = text.dropFirst() }
    guard let equals = text.firstIndex(of: "=") else {
      return [String(isWhole && text.hasSuffix("\"") ? text.dropLast() : text)]
    }
    var value = text[text.index(after: equals)...]
    let startsQuoted = value.hasPrefix("\"")
    if startsQuoted { value = value.dropFirst() }
    if startsQuoted || isWhole, value.hasSuffix("\"") { value = value.dropLast() }
    return [String(text[..<equals]), String(value)]
  }
}
