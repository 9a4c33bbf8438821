internal import Files
internal import JSON
internal import Model
internal import TestSupport
internal import Testing

/// A kernel that a machine gets when it has lived for a while, as packages on a disk.
struct LaterKernel: Sendable {
  /// The disk's file system, whose label is `label`.
  let disk: String
  static let label = "kernels"
  /// What `uname -r` says of it.
  let name: String
  /// A package with a kernel that comes before it: of those for virtual machines the newest but for this one.
  ///
  /// Where the archive has no other, the one with all drivers, which has a name that comes before.
  let earlierPackage: String

  static let shared = Result { () throws(Failure) in try LaterKernel() }

  private init() throws(Failure) {
    let chain = try Chain.shared.get()
    let folder = scratch + "/kernels"
    let packages = folder + "/packages"
    try Files.makeDirectories(packages)
    name = try Self.copyPackages(of: chain, to: packages)
    disk = folder + "/kernels.raw"
    try tool(
      ["mke2fs", "-q", "-t", "ext4", "-L", Self.label, "-d", packages, disk, "128M"],
      from: "e2fsprogs")
    earlierPackage = try Self.earlierPackage(than: name, lists: folder + "/lists")
  }

  /// Copies the packages of the kernel for virtual machines, which the first chain has; gives its name.
  private static func copyPackages(of chain: Chain, to folder: String) throws(Failure) -> String {
    func unreadable(_ cause: String) -> Failure {
      Failure("read", chain.manifestPath, cause: cause)
    }
    let manifest: Node
    do { manifest = try JSON.parse(Array(chain.manifests[0].utf8), file: chain.manifestPath) } catch
    {
      throw unreadable(error.problem)
    }
    guard case .object(let sources)? = manifest["sources"]?.value else {
      throw unreadable("there are no sources")
    }
    var kernel: String?
    for source in sources {
      guard let name = source.value["name"]?.text, name.hasPrefix("linux-image-") else { continue }
      let digest = String(source.key.dropFirst("sha256:".count))
      try tool(
        ["cp", "\(chain.first.store)/sources/sha256/\(digest)", "\(folder)/\(name)"],
        from: "coreutils")
      let package = name.prefix { $0 != "_" }.dropFirst("linux-image-".count)
      if package.first?.isNumber == true { kernel = String(package) }
    }
    guard let kernel else { throw unreadable("there is no kernel") }
    return kernel
  }

  private static func earlierPackage(than kernel: String, lists: String) throws(Failure) -> String {
    _ = try succeeding([
      "particle-compile", Places.repository + "/recipes/minimal.yml", "--cache", lists, "-o",
      lists + ".json",
    ])
    let names = try tool(
      [
        "sh", "-c",
        "sed -n 's/^Package: \\(linux-image-[0-9].*-cloud-amd64\\)$/\\1/p' \"$1\"/*/lists/*_Packages"
          + " | sort -uV", "sh", lists,
      ], from: "coreutils")
    let others = names.split(separator: "\n").filter { $0 != "linux-image-\(kernel)" }
    return others.last.map(String.init) ?? "linux-image-amd64"
  }
}
