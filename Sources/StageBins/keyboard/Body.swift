internal import Model
internal import Processes
package import StageContracts
package import StageKit

@main extension Keyboard: StageBody {
  package func run(in job: borrowing Job) throws {
    try checkLayout(in: job.tree)
    let options = options.joined(separator: ",")
    try job.tree.write(
      "/etc/default/keyboard",
      """
      # KEYBOARD CONFIGURATION FILE

      # Consult the keyboard(5) manual page.

      XKBMODEL="\(model)"
      XKBLAYOUT="\(layout)"
      XKBVARIANT="\(variant)"
      XKBOPTIONS="\(options)"

      BACKSPACE="guess"

      """)
    let owner = "keyboard-configuration"
    try Debconf.set(
      [
        "\(owner) \(owner)/modelcode string \(model)",
        "\(owner) \(owner)/layoutcode string \(layout)",
        "\(owner) \(owner)/variantcode string \(variant)",
        "\(owner) \(owner)/optionscode string \(options)",
      ], in: job.tree)
    // The console's keyboard is loaded at boot from a file made of these settings.
    if job.tree.exists("/usr/bin/setupcon") {
      try Command(["setupcon", "--save-only", "--force"]).runLogged()
    }
  }

  /// Refuses a layout that the tree's XKB does not know, where it has one.
  private func checkLayout(in tree: borrowing Tree) throws(Failure) {
    let list = "/usr/share/X11/xkb/rules/base.lst"
    guard tree.exists(list) else { return }
    var known: [String] = []
    var section = ""
    for line in try tree.readText(list).split(separator: "\n") {
      let words = line.split(separator: " ")
      if line.hasPrefix("!"), words.count == 2 {
        section = String(words[1])
      } else if section == "layout", let name = words.first {
        known.append(String(name))
      }
    }
    for name in layout.split(separator: ",").map(String.init) where !known.contains(name) {
      let near = suggestion(for: name, among: known).map { "did you mean '\($0)'? " } ?? ""
      throw Failure(
        "set", "the keyboard layout '\(name)'", cause: "the tree's XKB has no such layout",
        remedy: near + "\(list) in the tree lists all layouts")
    }
  }
}
