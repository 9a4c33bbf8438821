internal import Model
package import StageContracts
package import StageKit

@main extension Timezone: StageBody {
  package func run(in job: borrowing Job) throws {
    let database = "/usr/share/zoneinfo"
    guard job.tree.isDirectory(database) else {
      throw Failure(
        "set", "the time zone", cause: "the tree has no \(database)",
        remedy: "install the package tzdata")
    }
    let file = "\(database)/\(zone)"
    guard job.tree.exists(file), !job.tree.isDirectory(file) else {
      let zones = try zones(below: "", of: database, in: job.tree)
      let near = suggestion(for: zone, among: zones).map { "did you mean '\($0)'? " } ?? ""
      throw Failure(
        "set", "the time zone '\(zone)'", cause: "the tree has no \(file)",
        remedy: near + "old names are in the package tzdata-legacy")
    }
    try job.tree.link("/etc/localtime", to: file)
    // Releases before Debian 13 have the name in a file too; newer ones no longer make it.
    if job.tree.exists("/etc/timezone") { try job.tree.write("/etc/timezone", zone + "\n") }
    let parts = zone.parts(at: "/", limit: 2)
    if parts.count == 2 {
      try Debconf.set(
        [
          "tzdata tzdata/Areas select \(parts[0])",
          "tzdata tzdata/Zones/\(parts[0]) select \(parts[1])",
        ], in: job.tree)
    }
  }

  private func zones(below prefix: String, of database: String, in tree: borrowing Tree)
    throws(Failure) -> [String]
  {
    var zones: [String] = []
    for name in try tree.names(in: "\(database)/\(prefix)") {
      let path = prefix + name
      if tree.isDirectory("\(database)/\(path)") {
        zones += try self.zones(below: path + "/", of: database, in: tree)
      } else {
        zones.append(path)
      }
    }
    return zones
  }
}
