package import Model

/// Generates locales and sets the system's default one.
package struct Locale: StageContract {
  package var standard: String
  /// All that are generated, the default one among them, as `/etc/locale.gen` names them:
  /// `en_US.UTF-8 UTF-8`.
  package var generate: [String]

  package static let name = "locale"
  package static let version = 1
  package static let summary = "Generate locales and set the default one."
  package static let stance = Stance.inTree
  package static let unseen = machineNames
  package static let schema = Schema<Self>.object(
    Field("default", { $0.standard }, .string, "The value of LANG."),
    Field(
      "generate", { $0.generate }, .list(of: .string),
      "The lines of /etc/locale.gen; none where the C library has the locale built in."),
    make: { Locale(standard: $0, generate: $1) })

  package init(standard: String, generate: [String]) {
    self.standard = standard
    self.generate = generate
  }
}
