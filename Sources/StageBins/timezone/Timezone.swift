package import Model

/// Sets the system's time zone.
package struct Timezone: StageContract {
  package var zone: String

  package static let name = "timezone"
  package static let version = 1
  package static let summary = "Set the time zone."
  package static let stance = Stance.inTree
  package static let schema = Schema<Self>.object(
    Field("zone", { $0.zone }, .string, "The zone, as the tz database names it: Europe/Berlin."),
    make: { Timezone(zone: $0) })

  package init(zone: String) { self.zone = zone }
}
