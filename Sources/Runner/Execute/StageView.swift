internal import Model

/// What a stage is shown of a store: its tree, its inputs, and the tools it works with.
struct StageView: Sendable, Equatable {
  /// Something that a stage reads.
  enum Input: Sendable, Equatable {
    /// The tree of these layers, lowest first.
    case tree([Digest])
    case files([File])
  }

  /// A source, and the name that a stage sees it by.
  struct File: Sendable, Equatable {
    var name: String
    var source: Digest
  }

  /// The stage's name.
  var type: String
  var epoch: Timestamp
  var architecture: Architecture
  /// The layers of the tree before the stage, lowest first.
  var tree: [Digest]
  /// The layers of the tree with the tools; nil for a pipeline without one.
  var build: [Digest]?
  var inputs: [String: Input]

  init(of action: Action) {
    type = action.stage.type
    epoch = action.epoch
    architecture = action.architecture
    tree = action.tree
    build = action.build
    inputs = [:]
    for (name, input) in action.stage.inputs {
      switch input {
      case .pipeline: inputs[name] = .tree(action.inputTrees[name] ?? [])
      case .sources(let digests):
        inputs[name] = .files(
          digests.map { File(name: action.sourceNames[$0] ?? $0.hex, source: $0) })
      }
    }
  }

  /// All objects of the store that it stands on.
  var objects: [StoreObject] {
    var objects = (tree + (build ?? [])).map { StoreObject(.layers, $0.hex) }
    for input in inputs.values {
      switch input {
      case .tree(let layers): objects += layers.map { StoreObject(.layers, $0.hex) }
      case .files(let files): objects += files.map { StoreObject(.sources, $0.source.hex) }
      }
    }
    return objects
  }
}

/// As `FailedTree` keeps it.
///
/// It is read where a person has named it, so names are refused that a manifest may not have either.
extension StageView {
  private static let layers = Schema<[Digest]>.list(of: Digest.schema)

  private static let file = Schema<File>.object(
    Field("name", { $0.name }, .fileName, "How the stage sees it."),
    Field("source", { $0.source }, Digest.schema, "Its digest."),
    make: { File(name: $0, source: $1) })

  private static let input = Schema<Input>.object(
    Field(
      optional: "tree", { if case .tree(let layers) = $0 { layers } else { nil } }, layers,
      "Its layers."),
    Field(
      optional: "files", { if case .files(let files) = $0 { files } else { nil } },
      .list(of: file), "Its files."),
    make: { tree, files in tree.map(Input.tree) ?? .files(files ?? []) })

  static let schema = Schema<StageView>.object(
    Field("type", { $0.type }, Stage.typeSchema, "The stage's name."),
    Field("epoch", { $0.epoch }, Timestamp.schema, "The latest time a file may carry."),
    Field("architecture", { $0.architecture }, .choice, "That of the tree."),
    Field("tree", { $0.tree }, layers, "The layers before the stage."),
    Field(optional: "build", { $0.build }, layers, "The layers with the tools."),
    Field("inputs", { $0.inputs }, Stage.inputsSchema(of: input), "What it reads."),
    make: {
      StageView(type: $0, epoch: $1, architecture: $2, tree: $3, build: $4, inputs: $5)
    })

  private init(
    type: String, epoch: Timestamp, architecture: Architecture, tree: [Digest], build: [Digest]?,
    inputs: [String: Input]
  ) {
    self.type = type
    self.epoch = epoch
    self.architecture = architecture
    self.tree = tree
    self.build = build
    self.inputs = inputs
  }
}
