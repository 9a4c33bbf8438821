internal import Model
internal import StageContracts
internal import StageKit

extension Grub {
  /// The text of grub.cfg before its entries.
  var menu: String {
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
    return text + "search --no-floppy --fs-uuid --set=root \(bootUUID)\n"
  }

  func kernelEntries(_ kernels: [String], in tree: borrowing Tree) throws(Failure) -> String {
    var text = ""
    let system = try tree.systemName()
    for (index, kernel) in kernels.enumerated() {
      let title = index == 0 ? system : "\(system), with Linux \(kernel)"
      text += "menuentry '\(title)' {\n"
      text += "  linux \(bootFolder)/vmlinuz-\(kernel) \(KernelArguments(commandLine).inGRUB)\n"
      if tree.exists("/boot/initrd.img-\(kernel)") {
        text += "  initrd \(bootFolder)/initrd.img-\(kernel)\n"
      }
      text += "}\n"
    }
    return text
  }
}
