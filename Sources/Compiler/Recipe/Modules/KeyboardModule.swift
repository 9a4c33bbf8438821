package import Model
internal import StageContracts

/// The keyboard of the console, and the default one of desktops.
package struct KeyboardModule: Module {
  var layout: Located<String>
  var model: Located<String>
  var variant: Located<String>
  var options: [Located<String>]

  package static let type = "keyboard"
  package static let summary = Keyboard.summary
  package static let isSingle = true
  package static let example = """
    - type: keyboard
      layout: us,de
      variant: ",nodeadkeys"
      options: ["grp:alt_shift_toggle"]
    """

  package static let schema = Schema<Self>.object(
    Field(
      "layout", { $0.layout }, xkb("keyboard layout", "us, de or us,ru").located, "The XKB layout."),
    Field(
      "model", { $0.model }, xkb("keyboard model", "pc105").located, default: Located("pc105"),
      "The XKB model."),
    Field(
      "variant", { $0.variant }, xkb("keyboard variant", "nodeadkeys").located,
      default: Located(""), "The variant of the layout."),
    Field(
      "options", { $0.options }, .list(of: xkb("keyboard option", "compose:ralt").located),
      default: [], "XKB options."),
    make: { KeyboardModule(layout: $0, model: $1, variant: $2, options: $3) })

  private static func xkb(_ what: String, _ example: String) -> Schema<String> {
    .text("[A-Za-z0-9_,:()-]*", what, "write an XKB name, as in keyboard(5): \(example)")
  }

  package var needs: [String] { ["keyboard-configuration", "console-setup"] }

  package var destinations: [Located<String>] {
    [Located("/etc/default/keyboard", at: layout.mark)]
  }

  package func steps(among modules: [Located<any Module>], _ contents: Contents) -> [Step] {
    [
      Step(
        Keyboard(
          layout: layout.value, model: model.value, variant: variant.value,
          options: options.map(\.value)))
    ]
  }
}
