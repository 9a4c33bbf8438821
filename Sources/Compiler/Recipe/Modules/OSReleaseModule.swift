package import Model

/// What the system calls itself.
package struct OSReleaseModule: Module {
  var fields: [String: String]

  package static let type = "os-release"
  package static let summary = "Set the name and version of the system in os-release(5)."
  package static let isSingle = true
  package static let example = """
    - type: os-release
      name: Example OS
      pretty-name: Example OS 1.2
      variant-id: server
      image-version: "1.2"
      home-url: https://example.org/
    """
  package static let notes = """
    Keys that you leave out keep Debian's values. If `id` is anything but `debian`, `ID_LIKE` is set to `debian`. The
    result is `/etc/os-release`; Debian's own file stays at `/usr/lib/os-release`, where updates change it. The boot
    menu uses `pretty-name` as its title.
    """

  private static let small = Schema<String>.text(
    "[a-z0-9._-]+", "os-release(5) identifier",
    "use lower-case letters, digits, '.', '_' and '-'")
  private static let text = Schema<String>.text(
    "[^\\x00-\\x1f\\x7f\"$`\\\\]+", "os-release(5) value",
    "write it on one line, without quotes, '$', '`' and '\\'")
  private static let url = Schema<String>.text(
    "(https?|mailto):[^\\x00-\\x20\\x7f\"$`\\\\]+", "address",
    "write it as https://example.org/")

  package static let schema = Schema<Self>.object(
    Field(optional: "name", { $0.fields["NAME"] }, text, "The name of the system."),
    Field(optional: "id", { $0.fields["ID"] }, small, "The name of the system, for programs."),
    Field(
      optional: "pretty-name", { $0.fields["PRETTY_NAME"] }, text,
      "The name of the system, as shown to people."),
    Field(optional: "version", { $0.fields["VERSION"] }, text, "The version, as shown to people."),
    Field(
      optional: "version-id", { $0.fields["VERSION_ID"] }, small, "The version, for programs."),
    Field(optional: "variant", { $0.fields["VARIANT"] }, text, "The variant, as shown to people."),
    Field(
      optional: "variant-id", { $0.fields["VARIANT_ID"] }, small, "The variant, for programs."),
    Field(optional: "image-id", { $0.fields["IMAGE_ID"] }, small, "The name of the image."),
    Field(
      optional: "image-version", { $0.fields["IMAGE_VERSION"] }, small, "The version of the image."),
    Field(optional: "home-url", { $0.fields["HOME_URL"] }, url, "The home page of the system."),
    Field(
      optional: "support-url", { $0.fields["SUPPORT_URL"] }, url, "Where to get help."),
    Field(
      optional: "bug-report-url", { $0.fields["BUG_REPORT_URL"] }, url, "Where to report bugs."),
    make: {
      name, id, pretty, version, versionID, variant, variantID, image, imageVersion, home, support,
      bugs in
      let all = [
        ("NAME", name), ("ID", id), ("PRETTY_NAME", pretty), ("VERSION", version),
        ("VERSION_ID", versionID), ("VARIANT", variant), ("VARIANT_ID", variantID),
        ("IMAGE_ID", image), ("IMAGE_VERSION", imageVersion), ("HOME_URL", home),
        ("SUPPORT_URL", support), ("BUG_REPORT_URL", bugs),
      ]
      var fields: [String: String] = [:]
      for (key, value) in all { fields[key] = value }
      if let id, id != "debian" { fields["ID_LIKE"] = "debian" }
      return OSReleaseModule(fields: fields)
    }
  ).mapped(
    { module, node, problems in
      if !module.fields.isEmpty { return module }
      problems.report(
        "the module does nothing", at: node.mark, remedy: "add 'pretty-name: Example OS 1.2'")
      return nil
    }, { $0 })

  package func steps(among modules: [Located<any Module>], _ contents: Contents) -> [Step] {
    let names = fields.keys.sorted()
    let lines = names.map { "\($0)=\"\(fields[$0] ?? "")\"\n" }.joined()
    // A link leads from /etc to /usr/lib; it becomes a file.
    return [
      Step(
        running: """
          grep -vE '^(\(names.joined(separator: "|")))=' /usr/lib/os-release >/run/os-release
          cat >>/run/os-release <<'END'
          \(lines)END
          rm -f /etc/os-release
          cat /run/os-release >/etc/os-release
          chmod 0644 /etc/os-release

          """)
    ]
  }
}
