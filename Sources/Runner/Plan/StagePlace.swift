package import Model

/// Which stage of a plan is meant.
package struct StagePlace: Sendable, Hashable, CustomStringConvertible {
  package var pipeline: String
  /// Counted from 0 within its pipeline.
  package var index: Int
  package var type: String
  package var id: Digest
  /// Where in the recipe it comes from.
  package var origin: Origin?

  package init(pipeline: String, index: Int, stage: Stage) {
    self.pipeline = pipeline
    self.index = index
    type = stage.type
    id = stage.id
    origin = stage.origin
  }

  /// `os/3`.
  package var description: String { "\(pipeline)/\(index)" }
}

extension Pipeline {
  package var places: [StagePlace] {
    stages.enumerated().map { StagePlace(pipeline: name, index: $0, stage: $1) }
  }
}
