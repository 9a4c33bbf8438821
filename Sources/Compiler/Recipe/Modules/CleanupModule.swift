package import Model

/// What of the packages is left out to make the system smaller.
package struct CleanupModule: Module {
  var documentation: Bool
  var manuals: Bool
  var locales: [String]?

  package static let type = "cleanup"
  package static let summary = "Leave out documentation, manual pages and translations."
  package static let isSingle = true
  package static let example = """
    - type: cleanup
      documentation: true
      manuals: true
      keep-locales: [en, de]
    """
  package static let notes = """
    Later updates leave the same files out: `/etc/dpkg/dpkg.cfg.d/10-particle` has the `path-exclude` options of dpkg(1)
    for them. Copyright files stay, because licences require them. The package lists and caches of apt are never in an
    image.
    """

  package static let schema = Schema<Self>.object(
    Field(
      "documentation", { $0.documentation }, .bool, default: false,
      "Whether to leave out info pages and /usr/share/doc, except for copyright files."),
    Field(
      "manuals", { $0.manuals }, .bool, default: false, "Whether to leave out manual pages."),
    Field(
      optional: "keep-locales", { $0.locales },
      .list(
        of: .text(
          "[a-z]{2,3}(_[A-Z]{2})?(@[a-z]+)?", "language", "write its code: en, de or pt_BR")),
      "The languages whose translations to keep. Default: all."),
    make: { CleanupModule(documentation: $0, manuals: $1, locales: $2) }
  ).mapped(
    { (module, node, problems) -> CleanupModule? in
      if module.documentation || module.manuals || module.locales != nil { return module }
      problems.report(
        "the module does nothing", at: node.mark,
        remedy: "add 'documentation: true', 'manuals: true' or 'keep-locales: [en]'")
      return nil
    }, { $0 })

  package func steps(among modules: [Located<any Module>], _ contents: Contents) -> [Step] {
    var rules: [String] = []
    var commands = ""
    if documentation {
      rules += [
        "path-exclude=/usr/share/doc/*", "path-include=/usr/share/doc/*/copyright",
        "path-exclude=/usr/share/info/*", "path-exclude=/usr/share/lintian/*",
      ]
      commands += """
        find /usr/share/doc ! -type d ! -xtype d ! -name copyright -delete
        find /usr/share/doc -mindepth 1 -depth -type d -empty -delete
        for folder in /usr/share/info /usr/share/lintian; do
          [ ! -d "$folder" ] || find "$folder" -mindepth 1 -delete
        done

        """
    }
    if manuals {
      rules += ["path-exclude=/usr/share/man/*"]
      commands += """
        [ ! -d /usr/share/man ] || find /usr/share/man ! -type d -delete

        """
    }
    if let locales {
      rules +=
        ["path-exclude=/usr/share/locale/*", "path-include=/usr/share/locale/locale.alias"]
        + locales.map { "path-include=/usr/share/locale/\($0)/*" }
      let names = locales.map { "! -name '\($0)'" }.joined(separator: " ")
      commands += """
        [ ! -d /usr/share/locale ] || find /usr/share/locale -mindepth 1 -maxdepth 1 -type d \(names) -exec rm -r '{}' +

        """
    }
    return [
      Step(
        placing: [
          PlacedFile("/etc/dpkg/dpkg.cfg.d/10-particle", rules.map { $0 + "\n" }.joined())
        ]),
      Step(running: commands),
    ]
  }
}
