internal import Model
internal import StageContracts
internal import StageKit

extension Grub {
  /// The text of grub.cfg.
  func menu(of kernels: [String], in tree: borrowing Tree) -> String {
    var text = "set default=0\nset timeout=\(timeout)\n"
    if serial {
      // The signed image of some releases has no serial driver; the menu then stays where it is.
      text += """
        if serial --unit=0 --speed=115200; then
          terminal_input console serial
          terminal_output console serial
        fi

        """
    }
    text += "search --no-floppy --fs-uuid --set=root \(rootUUID)\n"
    let system = systemName(in: tree)
    for (index, kernel) in kernels.enumerated() {
      let title = index == 0 ? system : "\(system), with Linux \(kernel)"
      let arguments = ["root=UUID=\(rootUUID)", "ro", commandLine].filter { !$0.isEmpty }
      text += "menuentry '\(title)' {\n"
      text += "  linux /boot/vmlinuz-\(kernel) \(arguments.joined(separator: " "))\n"
      if tree.exists("/boot/initrd.img-\(kernel)") {
        text += "  initrd /boot/initrd.img-\(kernel)\n"
      }
      text += "}\n"
    }
    return text
  }

  /// What the system calls itself to people (os-release(5)).
  private func systemName(in tree: borrowing Tree) -> String {
    let lines = (try? tree.readText("/etc/os-release"))?.split(separator: "\n") ?? []
    let prefix = "PRETTY_NAME="
    guard let line = lines.first(where: { $0.hasPrefix(prefix) }) else { return "Linux" }
    // A quote would end the menu entry's title.
    return String(line.dropFirst(prefix.count).filter { $0 != "\"" && $0 != "'" })
  }
}
