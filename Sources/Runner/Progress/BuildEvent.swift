package import Model

/// Something that happened in a build.
package enum BuildEvent: Sendable {
  case began(Outline)
  /// A file is to be downloaded, so many bytes long.
  case queued(size: Int)
  /// Of a download so many bytes are here, some of which have just come.
  case received(Digest, has: Int, new: Int)
  case downloaded(Digest, size: Int)
  /// With the action's key.
  case started(StagePlace, key: Digest)
  case finished(StageReport)
  case failed(any Error)
  /// All that was wanted is there; a check may follow.
  case built
  /// With the program's exit status, and what was placed.
  case ended(status: Int32, [Exporter.Output])
}

/// What is known of a build before it begins.
package struct Outline: Sendable {
  package var recipe: String
  /// The names of the wanted exports.
  package var exports: [String]
  package var pipelines: [Pipeline]
  /// The stages that will have to run, as far as that can be known.
  package var toRun: Set<StagePlace>
  /// How many files will be downloaded, as far as that can be known.
  package var files: Int
  /// Their sizes, in bytes.
  package var bytes: Int
  /// How long stages will take, in milliseconds, where one like them has run before.
  package var durations: [StagePlace: Int]
  /// How many stages may run at once.
  package var jobs: Int

  package init(
    recipe: String, exports: [String], pipelines: [Pipeline], toRun: Set<StagePlace>, files: Int,
    bytes: Int, durations: [StagePlace: Int], jobs: Int
  ) {
    self.recipe = recipe
    self.exports = exports
    self.pipelines = pipelines
    self.toRun = toRun
    self.files = files
    self.bytes = bytes
    self.durations = durations
    self.jobs = jobs
  }

  package init(_ plan: Plan, _ forecast: Forecast, _ durations: Durations, jobs: Int) {
    let running = forecast.lines.filter { $0.fate == .run }.map { line in
      StagePlace(pipeline: line.pipeline, index: line.index, stage: line.stage)
    }
    var known: [StagePlace: Int] = [:]
    for place in running { known[place] = durations.expected(of: place) }
    self.init(
      recipe: plan.manifest.recipe.name, exports: plan.exports.map(\.name),
      pipelines: plan.pipelines, toRun: Set(running), files: forecast.downloads.count,
      bytes: ByteCount.sum(of: forecast.downloads.map(\.source.size)), durations: known, jobs: jobs)
  }

  package var places: [StagePlace] { pipelines.flatMap(\.places) }
}
