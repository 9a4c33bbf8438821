package import Model

/// Sets the name the machine calls itself: `/etc/hostname`, and its line in `/etc/hosts`.
package struct Hostname: StageContract {
  package var name: String

  package static let name = "hostname"
  package static let version = 3
  package static let summary = "Set the host name."
  package static let stance = Stance.inTree
  package static let schema = Schema<Self>.object(
    Field("name", { $0.name }, .string, "The name, as hostname(5) allows it."),
    make: { Hostname(name: $0) })

  package init(name: String) { self.name = name }
}
