package import Model

/// Enables, disables and masks systemd units, and sets the default target.
package struct Systemd: StageContract {
  package var enable: [String]
  package var disable: [String]
  package var mask: [String]
  package var defaultTarget: String?
  /// Units that drop-ins change; they must exist.
  package var extend: [String]

  package static let name = "systemd"
  package static let version = 1
  package static let summary = "Enable, disable and mask systemd units."
  package static let stance = Stance.inTree
  package static let schema = Schema<Self>.object(
    Field("enable", { $0.enable }, .list(of: .string), default: [], "Units to enable."),
    Field("disable", { $0.disable }, .list(of: .string), default: [], "Units to disable."),
    Field("mask", { $0.mask }, .list(of: .string), default: [], "Units to mask."),
    Field(optional: "default-target", { $0.defaultTarget }, .string, "The target to boot to."),
    Field(
      optional: "extend", { $0.extend.isEmpty ? nil : $0.extend }, .list(of: .string),
      "Units that drop-ins change; they must exist."),
    make: {
      Systemd(enable: $0, disable: $1, mask: $2, defaultTarget: $3, extend: $4 ?? [])
    })

  package init(
    enable: [String], disable: [String], mask: [String], defaultTarget: String?,
    extend: [String] = []
  ) {
    self.extend = extend
    self.enable = enable
    self.disable = disable
    self.mask = mask
    self.defaultTarget = defaultTarget
  }
}
