internal import Model
internal import Processes
internal import StageContracts
internal import StageKit

extension DebianPackages {
  /// Refuses a tree whose packages are not exactly those that are locked, all of them whole.
  func checkInstalled(for architecture: Architecture) throws(Failure) {
    let format = "${Package}:${Architecture}\\t${Version}\\t${Status}\\n"
    let answer = try Command(["dpkg-query", "-W", "-f", format]).runChecked().text
    var found: [String: (version: String, status: String)] = [:]
    for line in answer.split(separator: "\n") {
      let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      if parts.count == 3 { found[parts[0]] = (parts[1], parts[2]) }
    }
    var differences: [String] = []
    var expected: Set<String> = []
    for package in installed {
      let name = "\(package.package):\(package.architecture)"
      expected.insert(name)
      switch found[name] {
      case nil: differences.append("\(name) \(package.version) is missing")
      case let there? where there.version != package.version:
        differences.append("\(name) is version \(there.version), but \(package.version) is locked")
      case let there? where !there.status.hasSuffix(" ok installed"):
        differences.append("\(name) \(there.version) has the status '\(there.status)'")
      default: break
      }
    }
    // Of a package that was removed before, settings may be left.
    for (name, there) in found
    where !expected.contains(name) && !there.status.hasSuffix(" config-files") {
      differences.append("\(name) \(there.version) is present ('\(there.status)') but not locked")
    }
    guard differences.isEmpty else {
      differences.sort()
      throw Failure(
        "install", "the locked packages",
        cause: "the tree differs from the manifest\n  " + differences.joined(separator: "\n  "),
        remedy: "compile the recipe again, so that apt resolves the packages again")
    }
    let audit = try Command(["dpkg", "--audit"]).runChecked().text
    guard audit.isEmpty else {
      throw Failure("install", "the locked packages", cause: "dpkg --audit reports\n\(audit)")
    }
  }
}
