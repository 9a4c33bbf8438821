/// A sequence of stages that together make one tree.
package struct Pipeline: Sendable, Equatable {
  package var name: String
  /// The pipeline whose tree gives the stages their tools.
  package var build: String?
  /// The pipeline whose finished tree this one goes on from; nil to start from nothing.
  package var base: String?
  package var stages: [Stage]

  package init(name: String, build: String? = nil, base: String? = nil, stages: [Stage]) {
    self.name = name
    self.build = build
    self.base = base
    self.stages = stages
  }

  /// It is in paths, in keys and on terminals.
  package static let nameSchema = Schema<String>.name(of: "a pipeline")

  package static let schema = Schema<Pipeline>.object(
    Field("name", { $0.name }, nameSchema, "The pipeline's name."),
    Field(optional: "build", { $0.build }, PipelineReference.schema, "Whose tree has the tools."),
    Field(optional: "base", { $0.base }, PipelineReference.schema, "Whose tree to go on from."),
    Field("stages", { $0.stages }, .list(of: Stage.schema), "The steps, in order."),
    make: { Pipeline(name: $0, build: $1, base: $2, stages: $3) })
}
