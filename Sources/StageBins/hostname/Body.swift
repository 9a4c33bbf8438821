package import StageContracts
package import StageKit

@main extension Hostname: StageBody {
  package func run(in job: borrowing Job) throws {
    try job.tree.write("/etc/hostname", name + "\n")
    let short = name.prefix { $0 != "." }
    let names = short == name ? name : "\(name) \(short)"
    try job.tree.write(
      "/etc/hosts",
      """
      127.0.0.1\tlocalhost
      127.0.1.1\t\(names)

      ::1\tlocalhost ip6-localhost ip6-loopback
      ff02::1\tip6-allnodes
      ff02::2\tip6-allrouters

      """)
  }
}
