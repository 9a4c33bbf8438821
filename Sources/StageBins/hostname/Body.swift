package import StageContracts
package import StageKit

@main extension Hostname: StageBody {
  package func run(in job: borrowing Job) throws {
    try job.tree.write("/etc/hostname", name + "\n")
    // A machine without a name of its own has the usual lines alone.
    let isNamed = name != "localhost"
    let short = name.prefix { $0 != "." }
    let names = short == name ? name : "\(name) \(short)"
    let own = isNamed ? ["127.0.1.1\t\(names)"] : []
    // What others wrote there stays.
    guard !job.tree.exists("/etc/hosts") else {
      var lines = try job.tree.readText("/etc/hosts").split(
        separator: "\n", omittingEmptySubsequences: false
      ).map(String.init).filter { $0.split { $0 == " " || $0 == "\t" }.first != "127.0.1.1" }
      let place = lines.firstIndex { $0.hasPrefix("127.0.0.1") }
      lines.insert(contentsOf: own, at: place.map { $0 + 1 } ?? 0)
      return try job.tree.write("/etc/hosts", lines.joined(separator: "\n"))
    }
    try job.tree.write(
      "/etc/hosts",
      """
      127.0.0.1\tlocalhost
      \(own.map { $0 + "\n" }.joined())
      ::1\tlocalhost ip6-localhost ip6-loopback
      ff02::1\tip6-allnodes
      ff02::2\tip6-allrouters

      """)
  }
}
