internal import Model

/// What formats of an image are to be like: a key of the image, and all that is said of it.
protocol FormatSettings: Sendable, Equatable {
  /// The key.
  static var key: String { get }
  /// What it is for, in one sentence.
  static var summary: String { get }
  static var schema: Schema<Self> { get }
  /// What holds where a recipe says nothing.
  init()
}

extension Image {
  /// What single formats of an image are to be like, as far as its recipe says so.
  package struct Settings: Sendable, Equatable {
    private var values: [String: any FormatSettings] = [:]

    package init() {}

    init(_ written: [String: Located<any FormatSettings>]) { values = written.mapValues(\.value) }

    subscript<Kind: FormatSettings>(_ kind: Kind.Type) -> Kind {
      values[kind.key] as? Kind ?? kind.init()
    }

    /// The same as they would be written.
    var written: [String: Located<any FormatSettings>] { values.mapValues { Located($0) } }

    package static func == (a: Self, b: Self) -> Bool {
      a.values.keys == b.values.keys && a.values.allSatisfy { $1.isSame(as: b.values[$0]) }
    }
  }
}

extension FormatSettings {
  fileprivate func isSame(as other: (any FormatSettings)?) -> Bool { other as? Self == self }

  /// Its key as a member of an image.
  fileprivate static var field: Image.Written.SettingsField.Member<Located<any FormatSettings>> {
    .init(
      key,
      schema.mapped(
        { value, node, _ in Located(value as any FormatSettings, at: node.mark) },
        { $0.value as? Self ?? Self() }), summary)
  }
}

extension Image.Written {
  typealias SettingsField = Field<Image.Written, [String: Located<any FormatSettings>]>

  /// The keys of all formats, each once.
  static let settingsField = SettingsField(anyOf: kinds.map { $0.field }) { $0.settings }

  private static let kinds: [any FormatSettings.Type] = {
    var keys: Set<String> = []
    return formatCatalog.compactMap(\.settings).filter { keys.insert($0.key).inserted }
  }()

  /// Reports settings of formats that the image does not have.
  func refuseOtherSettings(_ problems: inout Problems) {
    for kind in Self.kinds {
      guard let mark = settings[kind.key]?.mark else { continue }
      let wanted = formatCatalog.filter { $0.settings?.key == kind.key }.map(\.name)
      if formats.contains(where: { wanted.contains($0.value.name) }) { continue }
      // The one of its name comes first.
      let names = wanted.filter { $0 == kind.key } + wanted.filter { $0 != kind.key }
      problems.report(
        "'\(kind.key)' applies to a format that this image does not have", at: mark,
        remedy: "remove it, or add \(names.map { "'\($0)'" }.joined(separator: " or "))"
          + " to 'formats'")
    }
  }
}
