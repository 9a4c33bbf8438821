package import Model
internal import StageContracts

/// The languages that the system knows, and the one it uses.
package struct LocaleModule: Module {
  var standard: Located<String>
  var generate: [Located<String>]

  package static let type = "locale"
  package static let summary = Locale.summary
  package static let isSingle = true
  package static let example = """
    - type: locale
      default: en_US.UTF-8
      generate: [de_DE.UTF-8, sr_RS.UTF-8@latin]
    """
  package static let notes = """
    `C.UTF-8` is always available. A locale that no Debian release has is an error that suggests the nearest name. A
    locale that only the image's own release lacks fails the build.
    """

  package static let schema = Schema<Self>.object(
    Field("default", { $0.standard }, localeName.located, "The value of LANG."),
    Field(
      "generate", { $0.generate },
      .list(of: localeName.located).refusingRepeated("locale"), default: [],
      "Additional locales to generate."),
    make: { LocaleModule(standard: $0, generate: $1) })

  private static let localeName: Schema<String> = .text(
    "C\\.UTF-8|[a-z]{2,3}_[A-Z]{2}\\.UTF-8(@[a-z]+)?", "locale",
    "write language_COUNTRY.UTF-8, such as en_US.UTF-8, or C.UTF-8")

  package var needs: [String] { ["locales"] }

  package var destinations: [Located<String>] {
    [Located("/etc/locale.conf", at: standard.mark)]
  }

  package func steps(among modules: [Located<any Module>], _ contents: Contents) -> [Step] {
    let standard = standard.value
    let names = [standard] + generate.map(\.value).filter { $0 != standard }
    return [
      Step(
        Locale(
          standard: standard, generate: names.filter { $0 != "C.UTF-8" }.map { "\($0) UTF-8" }))
    ]
  }
}
