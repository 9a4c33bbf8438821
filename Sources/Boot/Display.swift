internal import Model

/// What a virtual machine has for a screen.
package enum Display: Sendable {
  /// Nothing: it speaks by its serial console alone.
  case none
  /// A screen that can be photographed, and that nobody sees.
  case hidden
  /// A window, with a keyboard and a mouse.
  case window

  /// QEMU's options for it.
  func arguments(on architecture: Architecture) -> [String] {
    guard self != .none else {
      // The usual graphics card of a PC stays: firmware and boot loaders are tested with it.
      return ["-display", "none"]
    }
    let window = self == .window ? ["-display", "gtk"] : ["-display", "none"]
    let card =
      switch architecture {
      // What every kernel and every desktop of Debian can drive from the first moment on.
      case .amd64: ["-vga", "std"]
      case .arm64: ["-device", "virtio-gpu-pci"]
      }
    // A tablet says where the pointer is, so that the window does not have to catch the mouse.
    return window + card + [
      "-device", "qemu-xhci", "-device", "usb-kbd", "-device", "usb-tablet",
    ]
  }
}
