package import Model
internal import StageContracts

/// The zone of the system's local time.
package struct TimezoneModule: Module {
  var zone: Located<String>

  package static let type = "timezone"
  package static let summary = Timezone.summary
  package static let isSingle = true
  package static let example = """
    - type: timezone
      zone: Europe/Berlin
    """

  package static let schema = Schema<Self>.object(
    Field(
      "zone", { $0.zone },
      Schema<String>.text(
        "[A-Z][A-Za-z0-9_+-]*(/[A-Za-z][A-Za-z0-9_+-]*){0,2}", "time zone",
        "write it as the tz database does: Europe/Berlin, or UTC"
      ).located,
      "The time zone, by its name in the tz database."),
    make: { TimezoneModule(zone: $0) })

  package var needs: [String] { ["tzdata"] }

  package var destinations: [Located<String>] {
    [Located("/etc/localtime", at: zone.mark)]
  }

  package func steps(among modules: [Located<any Module>], _ contents: Contents) -> [Step] {
    [Step(Timezone(zone: zone.value))]
  }
}
