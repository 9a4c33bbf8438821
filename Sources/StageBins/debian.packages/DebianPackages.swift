package import Model

/// Installs Debian packages with the tree's own dpkg, in a given order, from given files only, and
/// checks that afterwards exactly the locked packages are installed.
///
/// The tree may have packages already; those that are not wanted are removed. In an empty tree some
/// packages are extracted first, without running anything of them: those
/// that dpkg and the packages' scripts themselves need.
///
/// Input `packages`: the .deb files.
package struct DebianPackages: StageContract {
  /// File names of the input, in the order in which they are extracted.
  package var extract: [String]
  package var steps: [Step]
  /// All packages that the tree has when the stage is done, those of earlier stages too.
  package var installed: [Installed]
  /// Names of packages that are there only because others need them, as `apt-mark auto` says it: those
  /// of a foreign architecture NAME:ARCHITECTURE.
  package var automatic: [String]
  /// What packages' scripts would ask, as lines of debconf-set-selections(1).
  package var answers: [String]
  /// Names of packages that later upgrades leave as they are.
  package var held: [String]
  /// Foreign architectures, whose packages may be installed as well.
  package var foreign: [String]
  /// Paths of private keys that packages' scripts make, and that are removed.
  package var machineKeys: [String]

  /// One call of dpkg.
  package enum Step: Sendable, Equatable {
    /// `dpkg --unpack` of these files of the input; dpkg refuses one whose pre-dependencies are not
    /// configured.
    case unpack([String])
    /// The same, whatever they pre-depend on.
    case forceUnpack([String])
    /// `dpkg --configure` of these packages.
    case configure([String])
    /// `dpkg --purge` of these packages, each written NAME:ARCHITECTURE.
    case remove([String])
  }

  package struct Installed: Sendable, Equatable {
    package var package: String
    package var architecture: String
    package var version: String

    package init(package: String, architecture: String, version: String) {
      self.package = package
      self.architecture = architecture
      self.version = version
    }
  }

  package static let name = "debian.packages"
  package static let version = 5
  package static let summary = "Install exactly the locked Debian packages, offline."
  package static let stance = Stance.inTree

  private static let stepSchema = Schema<[String: [String]]>.map(of: .list(of: .string)).mapped(
    { (step, node, problems) -> Step? in
      if step.count == 1, let files = step["unpack"] { return .unpack(files) }
      if step.count == 1, let files = step["force-unpack"] { return .forceUnpack(files) }
      if step.count == 1, let packages = step["configure"] { return .configure(packages) }
      if step.count == 1, let packages = step["remove"] { return .remove(packages) }
      problems.report(
        "a step is {\"unpack\": [files]}, {\"force-unpack\": [files]},"
          + " {\"configure\": [packages]} or {\"remove\": [packages]}", at: node.mark)
      return nil
    },
    { step in
      switch step {
      case .unpack(let files): ["unpack": files]
      case .forceUnpack(let files): ["force-unpack": files]
      case .configure(let packages): ["configure": packages]
      case .remove(let packages): ["remove": packages]
      }
    })

  private static let installedSchema = Schema<Installed>.object(
    Field("package", { $0.package }, .string, "The package's name."),
    Field("architecture", { $0.architecture }, .string, "Its architecture."),
    Field("version", { $0.version }, .string, "Its version."),
    make: { Installed(package: $0, architecture: $1, version: $2) })

  /// The member `installed` of a stage's options, for those who need nothing else of them.
  ///
  /// What is no package is passed over: this is for looking at manifests, of which a desktop's has a
  /// thousand.
  package static func installed(_ options: Node) -> [Installed] {
    guard case .list(let items)? = options["installed"]?.value else { return [] }
    return items.compactMap { item in
      guard case .string(let package)? = item["package"]?.value,
        case .string(let architecture)? = item["architecture"]?.value,
        case .string(let version)? = item["version"]?.value
      else { return nil }
      return Installed(package: package, architecture: architecture, version: version)
    }
  }

  /// The member `foreign` of a stage's options, for those who need nothing else of them.
  package static func foreign(_ options: Node) -> [String] {
    member("foreign", of: options, .list(of: .string)) ?? []
  }

  private static func member<Value>(_ key: String, of options: Node, _ schema: Schema<Value>)
    -> Value?
  {
    var problems = Problems()
    return options[key].flatMap { schema.decode($0, &problems) }
  }

  package static let schema = Schema<Self>.object(
    Field(
      "extract", { $0.extract }, .list(of: .string), default: [],
      "The .deb files that dpkg itself and scripts need, extracted before anything runs."),
    Field("steps", { $0.steps }, .list(of: stepSchema), "The calls of dpkg, in order."),
    Field(
      "installed", { $0.installed }, .list(of: installedSchema),
      "All packages that are installed afterwards."),
    Field(
      "automatic", { $0.automatic }, .list(of: .string), default: [],
      "Packages that are installed only because others need them."),
    Field(
      optional: "answers", { $0.answers.isEmpty ? nil : $0.answers }, .list(of: .string),
      "Answers to packages' questions, as debconf-set-selections reads them."),
    Field(
      optional: "held", { $0.held.isEmpty ? nil : $0.held }, .list(of: .string),
      "Packages to hold back from upgrades."),
    Field(
      optional: "foreign", { $0.foreign.isEmpty ? nil : $0.foreign }, .list(of: .string),
      "Foreign architectures, whose packages may be installed as well."),
    Field(
      optional: "machine-keys", { $0.machineKeys.isEmpty ? nil : $0.machineKeys },
      .list(of: .string), "The paths of private keys that packages create; they are removed."),
    make: {
      DebianPackages(
        extract: $0, steps: $1, installed: $2, automatic: $3, answers: $4 ?? [], held: $5 ?? [],
        foreign: $6 ?? [], machineKeys: $7 ?? [])
    })

  package init(
    extract: [String] = [], steps: [Step], installed: [Installed], automatic: [String],
    answers: [String] = [], held: [String] = [], foreign: [String] = [], machineKeys: [String] = []
  ) {
    self.extract = extract
    self.steps = steps
    self.installed = installed
    self.automatic = automatic
    self.answers = answers
    self.held = held
    self.foreign = foreign
    self.machineKeys = machineKeys
  }
}
