package import Model

/// Sets the keyboard of the console and of graphical sessions: `/etc/default/keyboard`.
package struct Keyboard: StageContract {
  package var layout: String
  package var model: String
  package var variant: String
  package var options: [String]

  package static let name = "keyboard"
  package static let version = 1
  package static let summary = "Set the keyboard layout."
  package static let stance = Stance.inTree
  package static let unseen = machineNames
  package static let schema = Schema<Self>.object(
    Field("layout", { $0.layout }, .string, "The layout, as XKB names it: us, de, us,ru."),
    Field("model", { $0.model }, .string, default: "pc105", "The keyboard model, by XKB's name."),
    Field("variant", { $0.variant }, .string, default: "", "The layout's variant."),
    Field("options", { $0.options }, .list(of: .string), default: [], "XKB options."),
    make: { Keyboard(layout: $0, model: $1, variant: $2, options: $3) })

  package init(
    layout: String, model: String = "pc105", variant: String = "", options: [String] = []
  ) {
    self.layout = layout
    self.model = model
    self.variant = variant
    self.options = options
  }
}
