internal import Model
internal import Processes
package import StageContracts
package import StageKit

@main extension Locale: StageBody {
  package func run(in job: borrowing Job) throws {
    if !generate.isEmpty {
      guard job.tree.exists("/usr/sbin/locale-gen") else {
        throw Failure(
          "generate", "locales", cause: "the tree has no /usr/sbin/locale-gen",
          remedy: "install the package locales")
      }
      let lines = try supportedLines(in: job.tree)
      try job.tree.write("/etc/locale.gen", choices(lines, in: job.tree))
      try Command(["locale-gen"]).runLogged()
      try Debconf.set(
        [
          "locales locales/locales_to_be_generated multiselect "
            + lines.joined(separator: ", "),
          "locales locales/default_environment_locale select \(standard)",
        ], in: job.tree)
    }
    // Debian keeps the link for programs that read the old place.
    try job.tree.link("/etc/default/locale", to: "../locale.conf")
    try job.tree.write("/etc/locale.conf", "LANG=\(standard)\n")
  }

  /// The lines of the wanted locales in the C library's list.
  ///
  /// It leaves the character set out where a locale has no other: `sr_RS@latin UTF-8`.
  private func supportedLines(in tree: borrowing Tree) throws(Failure) -> [String] {
    let list = "/usr/share/i18n/SUPPORTED"
    var supported: [String] = []
    for path in [list, "/usr/local/share/i18n/SUPPORTED"] where tree.exists(path) {
      supported += try tree.readText(path).parts(at: "\n")
    }
    var lines: [String] = []
    for locale in generate {
      let short = locale.cut(at: ".").map { name, rest in
        name + String(rest.drop { $0 != "@" && $0 != " " })
      }
      if let line = supported.first(where: { $0 == locale || $0 == short }) {
        lines.append(line)
        continue
      }
      let near = suggestion(for: locale, among: supported).map { "did you mean '\($0)'? " } ?? ""
      throw Failure(
        "generate", "the locale '\(locale)'", cause: "the tree's C library does not know it",
        remedy: near + "\(list) in the tree lists all locales")
    }
    return lines
  }

  /// The text of /etc/locale.gen with exactly the wanted lines not commented out.
  private func choices(_ wanted: [String], in tree: borrowing Tree) throws(Failure) -> String {
    let path = "/etc/locale.gen"
    var left = wanted
    var lines: [String] = []
    let before = tree.exists(path) ? try tree.readText(path) : ""
    for line in before.split(separator: "\n", omittingEmptySubsequences: false) {
      let bare = String(line.drop { $0 == "#" || $0 == " " })
      if let index = left.firstIndex(of: bare) {
        lines.append(left.remove(at: index))
      } else {
        lines.append(line.isEmpty || line.hasPrefix("#") ? String(line) : "# \(line)")
      }
    }
    if lines.last == "" { lines.removeLast() }
    return (lines + left).map { $0 + "\n" }.joined()
  }
}
