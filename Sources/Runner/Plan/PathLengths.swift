package import Model

/// How long the longest way from the begin of a stage to the end of the build takes.
package struct PathLengths: Sendable {
  private var lengths: [StagePlace: Int] = [:]

  /// - Parameters:
  ///   - pipelines: A plan's: each after those it needs.
  ///   - duration: How long a stage takes, in milliseconds.
  package init(_ pipelines: [Pipeline], duration: (StagePlace) -> Int) {
    /// For each pipeline, the longest way from its finished tree.
    var after: [String: Int] = [:]
    for pipeline in pipelines.reversed() {
      var length = after[pipeline.name] ?? 0
      func wants(_ name: String?) {
        guard let name else { return }
        after[name] = max(after[name] ?? 0, length)
      }
      for (place, stage) in zip(pipeline.places, pipeline.stages).reversed() {
        length += duration(place)
        lengths[place] = length
        for input in stage.inputs.values { wants(input.pipeline) }
      }
      wants(pipeline.base)
      wants(pipeline.build)
    }
  }

  /// In milliseconds, the stage itself included.
  package subscript(_ place: StagePlace) -> Int { lengths[place] ?? 0 }

  /// The longest of all, in milliseconds.
  package var longest: Int { lengths.values.max() ?? 0 }
}
