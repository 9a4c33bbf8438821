internal import Model
internal import Processes
package import StageContracts
package import StageKit

@main extension Systemd: StageBody {
  package func run(in job: borrowing Job) throws {
    guard job.tree.exists("/usr/bin/systemctl") else {
      throw Failure(
        "set up", "systemd units", cause: "the tree has no /usr/bin/systemctl",
        remedy: "install the package systemd-sysv")
    }
    let known = try knownUnits(in: job.tree)
    for unit in enable + disable + [defaultTarget].compactMap({ $0 }) {
      try check(unit, among: known)
    }
    for unit in extend where !isMadeAtBoot(unit) { try check(unit, among: known) }
    for unit in mask where !isMadeAtBoot(unit) {
      try check(
        unit, among: known,
        further: "; to mask one that is installed later, make it a link to /dev/null in a files"
          + " module")
    }
    for (verb, units) in [("mask", mask), ("disable", disable), ("enable", enable)]
    where !units.isEmpty {
      try Command(["systemctl", "--root=/", verb] + units).runLogged()
    }
    if let defaultTarget {
      try Command(["systemctl", "--root=/", "set-default", defaultTarget]).runLogged()
    }
  }

  /// The names of the units that a tree has.
  private func knownUnits(in tree: borrowing Tree) throws(Failure) -> [String] {
    var known: [String] = []
    for folder in [
      "/etc/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
      "/lib/systemd/system",
    ] { known += try tree.names(in: folder) }
    known += try tree.names(in: "/etc/init.d").map { $0 + ".service" }
    // podman-systemd.unit(5): a generator makes services of these.
    for folder in ["/etc/containers/systemd", "/usr/share/containers/systemd"] {
      for name in try tree.names(in: folder) {
        guard let (start, end) = name.cut(atLast: ".") else { continue }
        let suffix = ["container": "", "kube": ""][end] ?? "-" + end
        known.append(start + suffix + ".service")
      }
    }
    return known
  }

  /// Whether no file has to be there for it: systemd or one of its generators makes it.
  private func isMadeAtBoot(_ unit: String) -> Bool {
    let kinds = [".slice", ".scope", ".mount", ".automount", ".swap", ".device"]
    let generated = ["cryptsetup", "veritysetup", "integritysetup", "growfs", "makefs", "mkswap"]
    return kinds.contains(where: unit.ends)
      || generated.contains { unit.begins(with: "systemd-\($0)@") }
  }

  private func check(_ unit: String, among known: [String], further: String = "") throws(Failure) {
    let full = unit.has(".") ? unit : unit + ".service"
    guard let (start, suffix) = full.cut(atLast: ".") else { return }
    // `getty@tty1.service` is made of `getty@.service`.
    let template = start.cut(at: "@").map { $0.before + "@." + suffix } ?? full
    if known.has(full) || known.has(template) { return }
    // `user-.slice.d` is for all whose names begin so (systemd.unit(5)).
    if start.ends(with: "-"), known.contains(where: { $0.begins(with: start) }) { return }
    throw Failure(
      "set up", "the unit '\(full)'", cause: "the tree has no such unit",
      remedy: (suggestion(for: full, among: known).map { "did you mean '\($0)'?" }
        ?? "install the package that contains it") + further)
  }
}
