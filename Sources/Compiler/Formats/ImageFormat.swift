internal import Model

/// One thing that an image can come out as, and all that is said of it: a format is one file.
///
/// From it come the format's place in the recipe's schema, its line in `particle list formats` and docs/images.md, its
/// settings, the packages it brings and the stages it comes to; from these, the tools that a build needs. A new format is
/// a new file and a line in `formatCatalog`.
protocol ImageFormat: Sendable {
  /// What a recipe calls it.
  var name: String { get }
  /// What the names of its files end in.
  var ending: String { get }
  /// What it is for, in one sentence.
  var summary: String { get }
  /// What it holds.
  var content: Image.Content { get }
  /// Its settings in a recipe, which other formats may share; nil where it has none.
  var settings: (any FormatSettings.Type)? { get }
  /// What a size that the recipe leaves open is a multiple of, in bytes.
  var granularity: Int { get }
  /// The Debian packages that it needs in the system.
  var needs: [String] { get }

  /// Reports what is wrong with an image for this format, each of its keys being right by itself.
  ///
  /// - Parameters:
  ///   - image: The image as it is written.
  ///   - mark: Where it asks for this format.
  ///   - problems: Where to report.
  func check(_ image: Image.Written, at mark: Mark?, _ problems: inout Problems)

  /// The pipelines that make it, the disk or the tree being there.
  ///
  /// What two formats need is given by both, under one name: it is made once.
  func pipelines(_ work: FormatWork) -> [Draft]

  /// Where a build finds it.
  func export(of image: Image) -> Manifest.Export
}

extension ImageFormat {
  var ending: String { name }
  var settings: (any FormatSettings.Type)? { nil }
  var granularity: Int { 1 << 20 }
  var needs: [String] { [] }
  func check(_ image: Image.Written, at mark: Mark?, _ problems: inout Problems) {}

  /// As one file, in a pipeline of its own.
  func export(of image: Image) -> Manifest.Export {
    let file = image.file(self)
    return Manifest.Export(pipeline: file, path: "/" + file)
  }
}

/// What a format is made of.
struct FormatWork {
  var image: Image
  /// The recipe's name.
  var recipe: String
  var architecture: Architecture
  /// What a container of the image that the system starts from does.
  var inherited: PackageLock.Process

  var ids: Identifiers { Identifiers(recipe: recipe, image: image.name) }

  /// The raw disk: the name of its pipeline and of its file.
  var disk: String { image.file(RawFormat()) }

  /// The pipeline that makes the tree of the image's formats of files.
  var tree: String { image.treePipeline }

  /// What a format's file and pipeline are called.
  func file(_ format: any ImageFormat) -> String { image.file(format) }

  /// The image's settings of one kind.
  func settings<Kind: FormatSettings>(_ kind: Kind.Type) -> Kind { image.settings[kind] }

  /// A pipeline that makes one file with one stage, by the tools of the build tree.
  func draft(_ name: String, _ step: Step) -> Draft { Draft(name, build: "build", [step]) }
}

extension Image {
  /// What a format holds.
  package enum Content: Sendable {
    /// A whole disk, with partitions and a boot loader.
    case disk
    /// The system's files alone.
    case tree
    /// A system with all its versions.
    case repository
    /// The system's files and what starts them from a medium that nothing is written to.
    case live
  }

  /// What an image can come out as.
  package struct Format: Sendable {
    let unit: any ImageFormat

    init(_ unit: any ImageFormat) { self.unit = unit }

    /// All that there are.
    package static var all: [Format] { formatCatalog.map(Format.init) }

    package var name: String { unit.name }
    package var summary: String { unit.summary }
    package var content: Content { unit.content }

    /// One of the names, each with what it is for.
    static let schema = Schema<Format>.choice(of: all) { $0.name }.describing([
      ("enumDescriptions", .list(all.map { .string("\($0.name): \($0.summary)") }))
    ])
  }

  /// Whether the image is a disk, in at least one of its formats.
  package var hasDisk: Bool { formats.contains { $0.content == .disk } }
  package var hasLiveSystem: Bool { formats.contains { $0.content == .live } }

  /// What a format's file and pipeline are called.
  func file(_ format: any ImageFormat) -> String { "\(name).\(format.ending)" }

  /// The pipeline that makes the tree which the image's formats of files are of: the disk's where
  /// there is a disk, else the one that all images without a disk share.
  var treePipeline: String { hasDisk ? "\(name).system" : "system" }

  /// Whether it comes out as this, too.
  func has(_ format: any ImageFormat) -> Bool { formats.contains { $0.name == format.name } }
}

extension Image.Format: Hashable, CustomStringConvertible {
  package var description: String { name }

  package static func == (a: Self, b: Self) -> Bool { a.name == b.name }
  package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
