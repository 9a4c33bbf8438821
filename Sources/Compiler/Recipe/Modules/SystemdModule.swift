package import Model
internal import StageContracts

/// What systemd starts.
package struct SystemdModule: Module {
  var enable: [Located<String>]
  var disable: [Located<String>]
  var mask: [Located<String>]
  var target: String?

  package static let type = "systemd"
  package static let summary = Systemd.summary
  package static let example = """
    - type: systemd
      enable: [systemd-networkd.service]
      mask: [systemd-networkd-wait-online.service]
      default-target: multi-user.target
    """

  package static let schema = Schema<Self>.object(
    Field("enable", { $0.enable }, units, default: [], "Units to enable."),
    Field("disable", { $0.disable }, units, default: [], "Units to disable."),
    Field("mask", { $0.mask }, units, default: [], "Units to mask."),
    Field(
      optional: "default-target", { $0.target },
      .text("[A-Za-z0-9:_.@\\\\-]+\\.target", "target", "write a unit that ends in .target"),
      "The target to boot to."),
    make: { SystemdModule(enable: $0, disable: $1, mask: $2, target: $3) }
  ).mapped(
    { module, _, problems in
      for unit in module.disable + module.mask where module.enable.contains(unit) {
        problems.report(
          "the unit '\(unit.value)' is enabled and also disabled or masked", at: unit.mark,
          remedy: "name it once")
      }
      return module
    }, { $0 })

  private static let units = Schema<[Located<String>]>.list(of: Schema<String>.unit.located)
    .refusingRepeated("unit")

  package var needs: [String] { ["systemd"] }

  package func steps(among modules: [Located<any Module>], _ contents: Contents) -> [Step] {
    [
      Step(
        Systemd(
          enable: enable.map(\.value), disable: disable.map(\.value), mask: mask.map(\.value),
          defaultTarget: target))
    ]
  }
}

extension Schema where Value == String {
  /// A unit's whole name: systemd.unit(5), "Unit names".
  static var unit: Self {
    string.refusing { name in
      let suffixes = "service|socket|target|timer|mount|automount|swap|path|slice"
      if name.fits("[A-Za-z0-9:_.@\\\\-]+\\.(\(suffixes))"), name.utf8.count < 256 { return nil }
      if name.fits("[A-Za-z0-9:_@\\\\-]+") {
        return ("the unit '\(name.shortened)' has no suffix", "did you mean '\(name).service'?")
      }
      return ("'\(name.shortened)' is no unit name", "write a name such as ssh.service")
    }
  }
}
