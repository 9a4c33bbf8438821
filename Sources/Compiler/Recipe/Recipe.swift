package import Model

/// What a person wants: a system to start from, the modules that shape it, and the images of it.
package struct Recipe: Sendable {
  package var name: String
  package var description: String
  package var base: Base
  /// Where the base stands.
  package var baseMark: Mark?
  package var architectures: [Located<Architecture>]
  /// The latest time a file may carry; nil for the date of the base suite's release file.
  package var epoch: Timestamp?
  package var modules: [Located<any Module>]
  package var images: [Located<Image>]
  /// The values of its variables, by name.
  package var variables: [String: Variables.Value]

  package static let version = 1
}

extension Recipe {
  /// What all its packages modules say.
  var packageModules: [Packages] { modules.all(Packages.self).map(\.value) }
}
