package import Model

/// What became of one stage of a build.
package struct StageReport: Sendable {
  package var pipeline: String
  /// Counted from 0 within its pipeline.
  package var index: Int
  package var stage: Stage
  /// The action's key.
  package var key: Digest
  /// What the stage changed.
  package var layer: Digest
  /// How long it ran; nil when its result was known.
  package var milliseconds: Int?

  init(pipeline: String, index: Int, stage: Stage, key: Digest) {
    self.pipeline = pipeline
    self.index = index
    self.stage = stage
    self.key = key
    layer = key
  }
}

/// What a build made.
package struct BuildResult: Sendable {
  /// The layers of every pipeline's tree, lowest first.
  package var layers: [String: [Digest]] = [:]
  package var stages: [StageReport] = []

  /// The layers that this build has written.
  package var written: [Digest] { stages.filter { $0.milliseconds != nil }.map(\.layer) }
}
