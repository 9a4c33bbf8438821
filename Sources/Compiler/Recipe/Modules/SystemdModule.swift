package import Model
internal import StageContracts

/// What systemd starts.
package struct SystemdModule: Module {
  var enable: [Located<String>]
  var disable: [Located<String>]
  var mask: [Located<String>]
  var target: String?
  var units: [Unit]
  var dropIns: [DropIn]
  var preset: [String]

  struct Unit: Sendable {
    var name: Located<String>
    var content: Content
    var isEnabled: Bool
  }

  struct DropIn: Sendable {
    var unit: Located<String>
    var name: String
    var content: Content

    var path: String { "/etc/systemd/system/\(unit.value).d/\(name).conf" }
  }

  package static let type = "systemd"
  package static let summary = "Enable, disable, mask, add and change systemd units."
  package static let example = """
    - type: systemd
      enable: [systemd-networkd.service]
      mask: [systemd-networkd-wait-online.service]
      default-target: multi-user.target
      units:
        - name: hello.service
          enable: true
          content: |
            [Unit]
            Description=Says hello

            [Service]
            Type=oneshot
            ExecStart=/usr/bin/echo hello

            [Install]
            WantedBy=multi-user.target
      drop-ins:
        - unit: systemd-networkd.service
          content: |
            [Service]
            Environment=SYSTEMD_LOG_LEVEL=notice
      preset: ["disable cups.service"]
    """
  package static let notes = """
    A unit that you enable, disable, mask or change with a drop-in must exist in the tree; otherwise the build fails and
    suggests the nearest name. To mask a unit that is not installed yet, link it to `/dev/null` in a [files](files.md)
    module.

    The units and drop-ins of this module are written to `/etc/systemd/system`. The build runs `systemd-analyze verify`
    on the units. To run a command on a schedule, a [timers](timers.md) module is shorter.
    """

  package static let schema = Schema<Self>.object(
    Field("enable", { $0.enable }, unitList, default: [], "Units to enable."),
    Field("disable", { $0.disable }, unitList, default: [], "Units to disable."),
    Field("mask", { $0.mask }, unitList, default: [], "Units to mask."),
    Field(
      optional: "default-target", { $0.target },
      .text("[A-Za-z0-9:_.@\\\\-]+\\.target", "target", "write a unit that ends in .target"),
      "The target to boot into."),
    Field("units", { $0.units }, .list(of: unit), default: [], "Units to add."),
    Field(
      "drop-ins", { $0.dropIns }, .list(of: dropIn), default: [],
      "Drop-ins that change existing units."),
    Field(
      "preset", { $0.preset },
      .list(
        of: .text(
          "(enable|disable) [A-Za-z0-9:_.@*?\\\\-]+", "preset line",
          "write 'enable UNIT' or 'disable UNIT', as in systemd.preset(5)")),
      default: [],
      "Preset lines: what 'systemctl preset' and packages installed later enable or disable."),
    make: {
      SystemdModule(
        enable: $0, disable: $1, mask: $2, target: $3, units: $4, dropIns: $5, preset: $6)
    }
  ).mapped(
    { module, _, problems in
      let enabled = module.enable + module.units.filter(\.isEnabled).map(\.name)
      for unit in module.disable + module.mask where enabled.contains(unit) {
        problems.report(
          "the unit '\(unit.value)' is enabled and at the same time disabled or masked",
          at: unit.mark,
          remedy: "keep it in one list only")
      }
      return module
    }, { $0 })

  private static let unitList = Schema<[Located<String>]>.list(of: Schema<String>.unit.located)
    .refusingRepeated("unit")

  private typealias UnitWritten = (
    name: Located<String>, source: Located<String>?, content: String?, enable: Bool
  )

  private static let unit = Schema<UnitWritten>.object(
    Field("name", { $0.name }, Schema<String>.unit.located, "The name of the unit: web.service."),
    Field(
      optional: "source", { $0.source }, Schema<String>.localPath.located,
      "The unit file, relative to the file that names it."),
    Field(optional: "content", { $0.content }, .string, "The text of the unit."),
    Field("enable", { $0.enable }, .bool, default: false, "Whether to enable the unit."),
    make: { (name: $0, source: $1, content: $2, enable: $3) }
  ).mapped(
    { (written, node, problems) -> Unit? in
      Content.chosen(written.source, written.content, of: "a unit", at: node, &problems).map {
        Unit(name: written.name, content: $0, isEnabled: written.enable)
      }
    }, { ($0.name, $0.content.source, $0.content.given, $0.isEnabled) })

  private typealias DropInWritten = (
    unit: Located<String>, name: String, source: Located<String>?, content: String?
  )

  private static let dropIn = Schema<DropInWritten>.object(
    Field("unit", { $0.unit }, Schema<String>.unit.located, "The unit to change."),
    Field(
      "name", { $0.name }, .fileName("drop-in name"), default: "10-particle",
      "The name of the drop-in, without .conf."),
    Field(
      optional: "source", { $0.source }, Schema<String>.localPath.located,
      "The drop-in file, relative to the file that names it."),
    Field(optional: "content", { $0.content }, .string, "The text of the drop-in."),
    make: { (unit: $0, name: $1, source: $2, content: $3) }
  ).mapped(
    { (written, node, problems) -> DropIn? in
      Content.chosen(written.source, written.content, of: "a drop-in", at: node, &problems).map {
        DropIn(unit: written.unit, name: written.name, content: $0)
      }
    }, { ($0.unit, $0.name, $0.content.source, $0.content.given) })

  package var needs: [String] { ["systemd"] }
  package var contents: [Content] { units.map(\.content) + dropIns.map(\.content) }

  package var destinations: [Located<String>] {
    units.map { Located("/etc/systemd/system/\($0.name.value)", at: $0.name.mark) }
      + dropIns.map { Located($0.path, at: $0.unit.mark) }
  }

  package func check(_ contents: Contents, _ problems: inout Problems) {
    for unit in units {
      unit.content.refuseBinary("the unit", contents, &problems)
      let text = unit.content.text(contents)
      let isInstallable = text.parts(at: "\n").contains { $0.begins(with: "[Install]") }
      if unit.isEnabled, !isInstallable, !text.isEmpty {
        problems.report(
          "the unit '\(unit.name.value)' cannot be enabled: it has no [Install] section",
          at: unit.name.mark,
          remedy: "add '[Install]' and 'WantedBy=multi-user.target' below it, or remove 'enable'")
      }
    }
    for dropIn in dropIns { dropIn.content.refuseBinary("the drop-in", contents, &problems) }
  }

  package func steps(among modules: [Located<any Module>], _ contents: Contents) -> [Step] {
    var files = units.map {
      PlacedFile("/etc/systemd/system/\($0.name.value)", $0.content.text(contents))
    }
    files += dropIns.map { PlacedFile($0.path, $0.content.text(contents)) }
    if !preset.isEmpty {
      files.append(
        PlacedFile(
          "/etc/systemd/system-preset/10-particle.preset", preset.map { $0 + "\n" }.joined()))
    }
    let systemd = Systemd(
      enable: enable.map(\.value) + units.filter(\.isEnabled).map(\.name.value),
      disable: disable.map(\.value), mask: mask.map(\.value), defaultTarget: target,
      extend: dropIns.map(\.unit.value).filter { !units.map(\.name.value).has($0) })
    // A template is verified as an instance is, and nobody knows which.
    let verified = units.map(\.name.value).filter { !$0.contains("@") }
    return (files.isEmpty ? [] : [Step(placing: files)])
      + (verified.isEmpty ? [] : [Step.verifying(verified)]) + [Step(systemd)]
  }
}

extension Step {
  /// Lets systemd read units of `/etc/systemd/system`, and fails where it finds a mistake.
  static func verifying(_ units: [String]) -> Step {
    let paths = units.map { "'/etc/systemd/system/\($0)'" }.joined(separator: " ")
    return Step(running: "systemd-analyze verify --man=no --recursive-errors=no \(paths)\n")
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
      return ("'\(name.shortened)' is not a valid unit name", "write a name such as ssh.service")
    }
  }
}
