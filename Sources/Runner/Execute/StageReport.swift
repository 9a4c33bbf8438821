package import Model

/// What became of one stage of a build.
package struct StageReport: Sendable {
  package var place: StagePlace
  /// The action's key.
  package var key: Digest
  /// What the stage changed.
  package var layer: Digest
  /// How long it ran; nil when its result was known.
  package var milliseconds: Int?

  /// Where the log of its run is; nil when its result was known.
  package var log: String?

  /// Without a duration and a log, its result was known.
  package init(
    _ place: StagePlace, key: Digest, layer: Digest, milliseconds: Int? = nil, log: String? = nil
  ) {
    self.place = place
    self.key = key
    self.layer = layer
    self.milliseconds = milliseconds
    self.log = log
  }
}

/// What a build made.
package struct BuildResult: Sendable {
  /// The layers of every pipeline's tree, lowest first.
  package var layers: [String: [Digest]] = [:]
  package var stages: [StageReport] = []
}
