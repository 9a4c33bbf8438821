/// What the compiler and the runner know of a stage.
package protocol StageContract: Sendable, Equatable {
  /// The name a manifest calls the stage by; its folder and its program carry it too.
  static var name: String { get }
  /// Counted up when the same options come to mean something else.
  static var version: Int { get }
  /// One sentence for people.
  static var summary: String { get }
  static var stance: Stance { get }
  /// The Debian packages that a build tree must have for this stage, sorted; those for trees of one
  /// architecture only as `NAME [ARCHITECTURE]`, as Debian's Build-Depends has it.
  static var buildPackages: [String] { get }
  /// Files of the tree that the stage does not get to see, so that it does not run again when they
  /// change: absolute paths.
  static var unseen: [String] { get }
  /// Whether it makes device nodes, which needs a privilege of its own.
  static var makesDevices: Bool { get }
  static var schema: Schema<Self> { get }
}

/// What names one machine, and is of no interest to a stage that makes the same for all machines.
package let machineNames = ["/etc/hostname", "/etc/hosts"]

/// Where a stage stands while it works.
package enum Stance: String, Sendable, CaseIterable {
  /// Its root is the tree it changes: it runs that tree's own programs.
  case inTree = "in-tree"
  /// Its root is the build tree, and the tree it changes is at `StageRequest.treePath`.
  case onTree = "on-tree"
}

extension StageContract {
  package static var buildPackages: [String] { [] }
  package static var unseen: [String] { [] }
  package static var makesDevices: Bool { false }

  /// The names of the packages that a build tree of this architecture must have.
  package static func buildPackages(on architecture: Architecture) -> [String] {
    buildPackages.compactMap { entry in
      let words = entry.split(separator: " ", maxSplits: 1)
      let isMeant = words.count == 1 || words[1] == "[\(architecture.rawValue)]"
      return isMeant ? words.first.map(String.init) : nil
    }
  }

  /// What `--describe` prints.
  package static var description: StageDescription {
    StageDescription(
      name: name, version: version, summary: summary, stance: stance,
      buildPackages: buildPackages, unseen: unseen, makesDevices: makesDevices,
      options: schema.describe())
  }
}

/// A contract without its Swift type, as any program can state it: what `<stage> --describe` prints.
package struct StageDescription: Sendable, Equatable {
  package var name: String
  package var version: Int
  package var summary: String
  package var stance: Stance
  package var buildPackages: [String]
  package var unseen: [String]
  package var makesDevices: Bool
  /// The JSON Schema of the options.
  package var options: Node

  package init(
    name: String, version: Int, summary: String, stance: Stance, buildPackages: [String],
    unseen: [String] = [], makesDevices: Bool = false, options: Node
  ) {
    self.name = name
    self.version = version
    self.summary = summary
    self.stance = stance
    self.buildPackages = buildPackages
    self.unseen = unseen
    self.makesDevices = makesDevices
    self.options = options
  }

  package static let schema = Schema<StageDescription>.object(
    Field("name", { $0.name }, .string, "The stage's name."),
    Field("version", { $0.version }, .integer(1...Int.max), "The version of its contract."),
    Field("summary", { $0.summary }, .string, "One sentence for people."),
    Field("stance", { $0.stance }, .choice, "Where it stands: in the tree or on it."),
    Field(
      "build-packages", { $0.buildPackages }, .list(of: .string), default: [],
      "Debian packages its build tree must have; NAME [ARCHITECTURE] for one architecture only."),
    Field(
      "unseen", { $0.unseen },
      .list(of: .string).refusing { paths in
        paths.allSatisfy { $0.begins(with: "/") }
          ? nil
          : ("a path in 'unseen' is not absolute", "write the path as the tree has it: /etc/x")
      }, default: [],
      "Files of the tree that it does not get to see, so that they do not matter to it."),
    Field(
      "makes-devices", { $0.makesDevices }, .bool, default: false,
      "Whether it makes device nodes, which only root can."),
    Field("options", { $0.options }, .any, "The JSON Schema of its options."),
    make: {
      StageDescription(
        name: $0, version: $1, summary: $2, stance: $3, buildPackages: $4, unseen: $5,
        makesDevices: $6, options: $7)
    })
}
