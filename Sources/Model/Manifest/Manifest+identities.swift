extension Manifest {
  /// What is wrong with the ids of stages: each has to be what its content gives.
  ///
  /// - Parameters:
  ///   - file: What the manifest is called in a diagnostic.
  ///   - hash: SHA-256.
  /// - Returns: The first stage that is not what its id says, as all that follow it are not either.
  package func identityProblems(file: String, hash: ([UInt8]) -> Digest) -> [Diagnostic] {
    var found: [Diagnostic] = []
    var ids: [String: Digest] = [:]
    for (place, pipeline) in pipelines.enumerated() {
      var previous = pipeline.base.flatMap { ids[$0] }
      for (index, stage) in pipeline.stages.enumerated() {
        let id = Stage.identity(
          type: stage.type, version: stage.version, options: stage.options, inputs: stage.inputs,
          previous: previous, build: pipeline.build.flatMap { ids[$0] },
          architecture: architecture, epoch: epoch, pipelineID: { ids[$0] },
          sourceName: { sources[$0]?.name ?? "" }, hash: hash)
        if id != stage.id {
          found.append(
            Diagnostic(
              """
              stage \(index) of pipeline '\(pipeline.name)', \(stage.type), is not what its id \
              says: the manifest has \(stage.id), its content gives \(id)
              """,
              at: Mark(file: file, line: 1, column: 1),
              path: "pipelines[\(place)].stages[\(index)].id",
              remedy: "compile the recipe again; manifests are not meant to be edited by hand"))
          return found
        }
        previous = id
      }
      ids[pipeline.name] = previous
    }
    return found
  }
}
