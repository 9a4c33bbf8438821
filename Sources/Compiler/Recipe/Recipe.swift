package import Model

/// What a person wants: a system to start from, the modules that shape it, and the images of it.
package struct Recipe: Sendable, Equatable {
  package var name: String
  package var description: String
  package var base: DebianBase
  package var architectures: [Located<Architecture>]
  /// The latest time a file may carry; nil for the date of the base suite's release file.
  package var epoch: Timestamp?
  package var modules: [Located<Module>]
  package var images: [Located<Image>]

  package static let version = 1

  package static let schema = Schema<Recipe>.object(
    Field(
      "version", { _ in version },
      .integer().refusing {
        $0 == version
          ? nil : ("this is a recipe of version \($0)", "this program reads version \(version)")
      }, "The version of the recipe's language: \(version)."),
    Field(
      "name", { $0.name },
      .text(
        "[a-z0-9][a-z0-9._-]{0,62}", "name",
        "use lower-case letters, digits, '.', '_' and '-', at most 63"),
      "What the recipe is called; ids of disks derive from it."),
    Field("description", { $0.description }, .string, default: "", "One sentence for people."),
    Field("base", { $0.base }, DebianBase.schema, "The system to start from."),
    Field(
      "architectures", { $0.architectures },
      .list(of: Schema<Architecture>.choice.located).refusingEmpty("architecture"),
      default: [Located(.amd64)], "The machines the image is for."),
    Field(optional: "epoch", { $0.epoch }, Timestamp.schema, "The latest time a file may carry."),
    Field(
      "modules", { $0.modules }, .list(of: Module.schema.located), default: [],
      "What is done to the base system, in order."),
    Field(
      "images", { $0.images }, .list(of: Image.schema.located), default: [],
      "What comes out: disks, archives, file systems, containers."),
    make: { _, name, description, base, architectures, epoch, modules, images in
      Recipe(
        name: name, description: description, base: base, architectures: architectures,
        epoch: epoch, modules: modules, images: images)
    })
}
