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
    for unit in enable + disable + [defaultTarget].compactMap({ $0 }) {
      try checkExists(unit, in: job.tree)
    }
    // A unit that is not installed yet can be masked all the same.
    for (verb, units) in [("mask", mask), ("disable", disable), ("enable", enable)]
    where !units.isEmpty {
      try Command(["systemctl", "--root=/", verb] + units).runLogged()
    }
    if let defaultTarget {
      try Command(["systemctl", "--root=/", "set-default", defaultTarget]).runLogged()
    }
  }

  private func checkExists(_ unit: String, in tree: borrowing Tree) throws(Failure) {
    let full = unit.has(".") ? unit : unit + ".service"
    var known: [String] = []
    for folder in [
      "/etc/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
      "/lib/systemd/system",
    ] { known += try tree.names(in: folder) }
    known += try tree.names(in: "/etc/init.d").map { $0 + ".service" }
    // `getty@tty1.service` is made of `getty@.service`.
    let name =
      full.firstIndex(of: "@").map { at in
        full[...at] + (full.lastIndex(of: ".").map { full[$0...] } ?? "")
      }.map(String.init) ?? full
    guard !known.has(full), !known.has(name) else { return }
    throw Failure(
      "set up", "the unit '\(full)'", cause: "the tree has no such unit",
      remedy: suggestion(for: full, among: known).map { "did you mean '\($0)'?" }
        ?? "install the package that brings it")
  }
}
