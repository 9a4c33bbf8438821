import Model
import StageKit
import Testing

/// Answers to packages' questions, which no package may ask.
@Suite struct DebconfTests {
  private let templates = DebconfTemplates(
    [
      """
      Template: postfix/main_mailer_type
      Type: select
      Choices: No configuration, Internet Site, Satellite system
      Choices-de.UTF-8: Keine Konfiguration, Internet-Server, Satellitensystem
      Default: Internet Site
      Description: General mail configuration type:
       Please select: the type
       .
       Template: not/one

      Template: postfix/mailname
      Type: string
      Description: System mail name:

      """,
      """
      Template: locales/locales_to_be_generated
      Type: multiselect
      Choices: ${locales}

      Template: fonts/which
      Type: multiselect
      Choices-C: small, with\\, comma, large
      Choices: Small, With\\, comma, Large

      Template: man-db/auto-update
      Type: boolean

      """,
    ], registered: ["Name: postfix/of-instance\nTemplate: postfix/mailname\nOwners: postfix\n"],
    packages: ["postfix", "locales", "fonts", "man-db", "zlib1g"])

  @Test(arguments: [
    "postfix postfix/main_mailer_type select Satellite system",
    "postfix postfix/mailname string mail.example.org", "postfix postfix/mailname string",
    "postfix postfix/of-instance string x", "man-db man-db/auto-update boolean false",
    "locales locales/locales_to_be_generated multiselect de_DE.UTF-8 UTF-8",
    "fonts fonts/which multiselect with\\, comma, large", "fonts fonts/which seen true",
    "d-i postfix/mailname string x",
  ])
  func `an answer that is asked for is taken`(answer: String) throws {
    try templates.check([answer])
  }

  @Test(arguments: [
    (
      "postfix postfix/main_mailer_typ select Satellite system",
      "no installed package asks 'postfix/main_mailer_typ'",
      "did you mean 'postfix/main_mailer_type'?"
    ),
    (
      "postfx postfix/mailname string x", "the package 'postfx' is not installed",
      "did you mean 'postfix'?"
    ),
    (
      "postfix postfix/main_mailer_type select Sattelite system",
      "'Sattelite system' is not one of the choices", "did you mean 'Satellite system'?"
    ),
    (
      "man-db man-db/auto-update boolean no", "'no' is not one of the choices",
      "choose one of: true, false"
    ),
    (
      "fonts fonts/which multiselect small, huge", "'huge' is not one of the choices",
      "choose one of: Small, With, comma, Large, small, with, comma, large"
    ),
    ("zlib1g not/one string x", "no installed package asks 'not/one'", "zlib1g asks no questions"),
  ])
  func `a slip is refused`(answer: String, cause: String, remedy: String) throws {
    let failure = #expect(throws: Failure.self) { try templates.check([answer]) }
    #expect(failure?.object == "the answer '\(answer)'")
    #expect(failure?.cause == cause && failure?.remedy == remedy)
  }

  @Test func `all slips are told at once`() throws {
    let answers = [
      "postfx postfix/mailname string x", "postfix postfix/mailname string fine",
      "man-db man-db/auto-update boolean no",
    ]
    let failure = #expect(throws: Failure.self) { try templates.check(answers) }
    let lines = [
      "cannot use 2 answers to packages' questions:",
      "the answer 'postfx postfix/mailname string x': the package 'postfx' is not installed; "
        + "did you mean 'postfix'?",
      "the answer 'man-db man-db/auto-update boolean no': 'no' is not one of the choices; "
        + "choose one of: true, false", "help: correct each of them in the recipe",
    ]
    #expect(failure?.description == lines.joined(separator: "\n  "))
  }
}
