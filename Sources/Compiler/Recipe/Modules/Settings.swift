internal import Model
internal import StageContracts

extension Module {
  static let hostnameSchema = Schema<Hostname>.object(
    Field("name", { $0.name }, hostname, "The name: labels of a-z, 0-9 and '-', joined by dots."),
    make: { Hostname(name: $0) })

  /// hostname(5): at most 64 characters; RFC 1123, section 2.1: labels of at most 63 letters,
  /// digits and hyphens, no hyphen at an end.
  private static let hostname: Schema<String> = {
    let label = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
    return .text(
      "\(label)(\\.\(label))*", "host name",
      "use lower-case letters, digits and '-' (not at an end), with dots between labels"
    ).refusing {
      $0.utf8.count <= 64
        ? nil : ("the host name has \($0.utf8.count) characters", "use at most 64")
    }
  }()

  static let localeSchema = Schema<Locale>.object(
    Field("default", { $0.standard }, localeName, "The value of LANG."),
    Field(
      "generate", { _ in [] },
      .list(of: localeName.located).refusingRepeated("locale"), default: [],
      "Further locales to generate."),
    make: { standard, further in
      let names = [standard] + further.map(\.value).filter { $0 != standard }
      return Locale(
        standard: standard, generate: names.filter { $0 != "C.UTF-8" }.map { "\($0) UTF-8" })
    })

  private static let localeName: Schema<String> = .text(
    "C\\.UTF-8|[a-z]{2,3}_[A-Z]{2}\\.UTF-8(@[a-z]+)?", "locale",
    "write language_COUNTRY.UTF-8, such as en_US.UTF-8, or C.UTF-8")

  static let timezoneSchema = Schema<Timezone>.object(
    Field(
      "zone", { $0.zone },
      .text(
        "[A-Z][A-Za-z0-9_+-]*(/[A-Za-z][A-Za-z0-9_+-]*){0,2}", "time zone",
        "write it as the tz database does: Europe/Berlin, or UTC"),
      "The zone, as the tz database names it."),
    make: { Timezone(zone: $0) })

  static let keyboardSchema = Schema<Keyboard>.object(
    Field("layout", { $0.layout }, xkb("keyboard layout", "us, de or us,ru"), "XKB's layout."),
    Field(
      "model", { $0.model }, xkb("keyboard model", "pc105"), default: "pc105", "XKB's model."),
    Field(
      "variant", { $0.variant }, xkb("keyboard variant", "nodeadkeys"), default: "",
      "The layout's variant."),
    Field(
      "options", { $0.options }, .list(of: xkb("keyboard option", "compose:ralt")), default: [],
      "XKB options."),
    make: { Keyboard(layout: $0, model: $1, variant: $2, options: $3) })

  private static func xkb(_ what: String, _ example: String) -> Schema<String> {
    .text("[A-Za-z0-9_,:()-]*", what, "write it by XKB's name, as keyboard(5) has it: \(example)")
  }

  static let systemdSchema = Schema<SystemdWritten>.object(
    Field("enable", { $0.enable }, units, default: [], "Units to enable."),
    Field("disable", { $0.disable }, units, default: [], "Units to disable."),
    Field("mask", { $0.mask }, units, default: [], "Units to mask."),
    Field(
      optional: "default-target", { $0.target },
      .text("[A-Za-z0-9:_.@\\\\-]+\\.target", "target", "write a unit that ends in .target"),
      "The target to boot to."),
    make: { SystemdWritten(enable: $0, disable: $1, mask: $2, target: $3) }
  ).mapped(
    { written, _, problems in
      let refused = written.disable + written.mask
      for unit in refused where written.enable.contains(unit) {
        problems.report(
          "the unit '\(unit.value)' is enabled and also disabled or masked", at: unit.mark,
          remedy: "name it once")
      }
      return Systemd(
        enable: written.enable.map(\.value), disable: written.disable.map(\.value),
        mask: written.mask.map(\.value), defaultTarget: written.target)
    },
    {
      SystemdWritten(
        enable: $0.enable.map { Located($0) }, disable: $0.disable.map { Located($0) },
        mask: $0.mask.map { Located($0) }, target: $0.defaultTarget)
    })

  private static let units = Schema<[Located<String>]>.list(of: unit.located)
    .refusingRepeated("unit")

  /// systemd.unit(5), "Unit names".
  private static let unit = Schema<String>.string.refusing { name in
    let suffixes = "service|socket|target|timer|mount|automount|swap|path|slice"
    if name.fits("[A-Za-z0-9:_.@\\\\-]+\\.(\(suffixes))"), name.utf8.count < 256 { return nil }
    if name.fits("[A-Za-z0-9:_@\\\\-]+") {
      return ("the unit '\(name.shortened)' has no suffix", "did you mean '\(name).service'?")
    }
    return ("'\(name.shortened)' is no unit name", "write a name such as ssh.service")
  }
}

/// The units as they are written, with their places.
struct SystemdWritten: Sendable {
  var enable: [Located<String>]
  var disable: [Located<String>]
  var mask: [Located<String>]
  var target: String?
}
