package import Model
internal import StageContracts

/// What a machine does once, when it first comes up.
package struct FirstBootModule: Module {
  var scripts: [Script]

  struct Script: Sendable {
    var name: Located<String>
    var content: Content
    var interpreter: String
    var after: [String]
    var needsNetwork: Bool
  }

  package static let type = "first-boot"
  package static let summary = "Run scripts once, at the first boot of a machine."
  package static let example = """
    - type: first-boot
      scripts:
        - name: register
          network: true
          content: |
            echo "$(cat /etc/machine-id) is up" >/var/lib/registered
        - {name: setup, source: files/setup.sh, interpreter: /bin/bash, after: [register]}
    """
  package static let notes = """
    A script runs as root, in the service `first-boot-NAME`. Once it has succeeded, `/var/lib/first-boot/NAME` marks it
    as done; a script that fails runs again at the next boot. Scripts run in parallel, except that a script waits for
    the scripts listed in its `after`.
    """

  package static let schema = Schema<Self>.object(
    Field("scripts", { $0.scripts }, .list(of: script), "The scripts."),
    make: { FirstBootModule(scripts: $0) })

  private typealias Written = (
    name: Located<String>, source: Located<String>?, content: String?, interpreter: String,
    after: [String], network: Bool
  )

  private static let script = Schema<Written>.object(
    Field(
      "name", { $0.name }, Schema<String>.fileName("script name").located,
      "The name of the script."),
    Field(
      optional: "source", { $0.source }, Schema<String>.localPath.located,
      "The script file, relative to the file that names it."),
    Field(optional: "content", { $0.content }, .string, "The text of the script."),
    Field(
      "interpreter", { $0.interpreter }, .program, default: "/bin/sh",
      "The program that runs the script."),
    Field(
      "after", { $0.after }, .list(of: .fileName("script name")), default: [],
      "The scripts that must succeed before this one."),
    Field("network", { $0.network }, .bool, default: false, "Whether to wait for the network."),
    make: {
      (name: $0, source: $1, content: $2, interpreter: $3, after: $4, network: $5)
    }
  ).mapped(
    { (written, node, problems) -> Script? in
      Content.chosen(written.source, written.content, of: "a script", at: node, &problems).map {
        Script(
          name: written.name, content: $0, interpreter: written.interpreter, after: written.after,
          needsNetwork: written.network)
      }
    },
    {
      ($0.name, $0.content.source, $0.content.given, $0.interpreter, $0.after, $0.needsNetwork)
    })

  package static func check(_ modules: [Located<FirstBootModule>], _ problems: inout Problems) {
    let scripts = modules.flatMap(\.value.scripts)
    let names = scripts.map(\.name.value)
    for script in scripts {
      for name in script.after where !names.contains(name) || name == script.name.value {
        problems.report(
          "'\(script.name.value)' is to run after '\(name)', but no other first-boot script is named"
            + " '\(name)'",
          at: script.name.mark,
          remedy: suggestion(for: name, among: names.filter { $0 != script.name.value })
            .map { "did you mean '\($0)'?" } ?? "name another script of a first-boot module")
      }
    }
  }

  package var needs: [String] { ["systemd"] }
  package var contents: [Content] { scripts.map(\.content) }

  package var destinations: [Located<String>] {
    scripts.map { Located($0.path, at: $0.name.mark) }
  }

  package func check(_ contents: Contents, _ problems: inout Problems) {
    for script in scripts { script.content.refuseBinary("the script", contents, &problems) }
  }

  package func steps(among modules: [Located<any Module>], _ contents: Contents) -> [Step] {
    let units = scripts.map { "first-boot-\($0.name.value).service" }
    let files = zip(scripts, units).flatMap { script, unit in
      [
        PlacedFile(script.path, script.content.text(contents), mode: 0o755),
        PlacedFile("/etc/systemd/system/\(unit)", script.unit),
      ]
    }
    return [
      Step(placing: files), Step.verifying(units),
      Step(Systemd(enable: units, disable: [], mask: [], defaultTarget: nil)),
    ]
  }
}

extension FirstBootModule.Script {
  fileprivate var path: String { "/usr/local/lib/first-boot/\(name.value)" }

  fileprivate var unit: String {
    var lines = [
      "[Unit]", "Description=First boot: \(name.value)",
      "ConditionPathExists=!/var/lib/first-boot/\(name.value)",
    ]
    if needsNetwork { lines += ["Wants=network-online.target", "After=network-online.target"] }
    if !after.isEmpty {
      let others = after.map { "first-boot-\($0).service" }.joined(separator: " ")
      lines += ["Requires=\(others)", "After=\(others)"]
    }
    lines += [
      "", "[Service]", "Type=oneshot", "RemainAfterExit=yes",
      "StateDirectory=first-boot", "ExecStart=\(interpreter) \(path)",
      "ExecStartPost=/usr/bin/touch /var/lib/first-boot/\(name.value)", "",
      "[Install]", "WantedBy=multi-user.target",
    ]
    return lines.map { $0 + "\n" }.joined()
  }
}
