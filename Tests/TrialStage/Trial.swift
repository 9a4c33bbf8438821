import Files
import Glibc
import Model
import StageKit

/// A stage for tests of the runner: it does to its tree what its options say, word by word.
///
/// Its name, and where it stands, are those of its file: `…trial-in` or `…trial-on`.
@main struct Trial: StageBody {
  var steps: [String]

  private static var isOnTree: Bool { CommandLine.arguments[0].hasSuffix("-on") }
  static var name: String { isOnTree ? "trial-on" : "trial-in" }
  static let version = 1
  static let summary = "Do what a test says."
  static var stance: Stance { isOnTree ? .onTree : .inTree }
  static let unseen = ["/etc/secret", "/secret"]
  static let schema = Schema<Trial>.object(
    Field("steps", { $0.steps }, .list(of: .string), "Commands with their words."),
    make: { Trial(steps: $0) })

  func run(in job: borrowing Job) throws {
    for step in steps {
      try run(step.split(separator: " ").map(String.init), in: job)
    }
  }

  private func run(_ words: [String], in job: borrowing Job) throws {
    let path = words.count > 1 ? words[1] : ""
    let outside = job.tree.outside(path)
    switch words[0] {
    case "write": try job.tree.write(path, words[2])
    case "folder": try job.tree.makeDirectories(path)
    case "remove": try job.tree.remove(path)
    case "link": try job.tree.link(path, to: words[2])
    case "name": try check(link(job.tree.outside(words[2]), outside), path)
    case "mode": try job.tree.setMode(path, mode_t(words[2], radix: 8) ?? 0)
    case "owner": try job.tree.setOwner(path, uid_t(words[2]) ?? 0, gid_t(words[2]) ?? 0)
    case "attribute":
      let attribute = ExtendedAttribute(name: words[2], value: Array(words[3].utf8))
      try Files.setAttribute(attribute, of: outside)
    case "time":
      let time = timespec(tv_sec: Int(words[2]) ?? 0, tv_nsec: 0)
      try check(utimensat(AT_FDCWD, outside, [time, time], AT_SYMLINK_NOFOLLOW), path)
    case "bytes": try writeName(words[2], in: outside)
    case "deepen": try deepen(outside, words[2], Int(words[3]) ?? 0)
    case "target": try job.tree.write(path, (try? job.tree.linkTarget(words[2])) ?? "no link")
    case "read": try job.tree.write(path, try job.tree.read(words[2]))
    case "count": try job.tree.write(path, "\(try job.tree.entries(in: words[2]).count)")
    case "sparse":
      try job.tree.write(path, "begin")
      try check(truncate(outside, Int(words[2]) ?? 0), path)
    case "fill": try job.tree.write(path, [UInt8](repeating: 7, count: Int(words[2]) ?? 0))
    case "random": try job.tree.write(path, "same\n\(UInt64.random(in: .min ... .max))\n")
    case "processors":
      let lines = try Files.readText("/proc/self/status").split(separator: "\n")
      try job.tree.write(path, String(lines.first { $0.hasPrefix("Cpus_allowed_list") } ?? ""))
    case "copy": try job.tree.write(path, try Files.read(try job.input(words[2]) + "/" + words[3]))
    case "names":
      try job.tree.write(path, try job.tree.names(in: words[2]).joined(separator: " "))
    case "environment": try job.tree.write(path, try surroundings())
    case "sleep": usleep(UInt32(words[1]).map { $0 * 1000 } ?? 0)
    case "say": print(words.dropFirst().joined(separator: " "))
    case "capability":
      try job.tree.write(path, words[2])
      try Files.setAttribute(bindsLowPorts, of: outside)
    case "attempt": try job.tree.write(path, attempts(in: job.tree))
    case "flood": flood(megabytes: Int(words[1]) ?? 0)
    case "sight": try job.tree.write(path, try sight())
    case "share":
      try share(
        words[1], megabytes: Int(words[2]) ?? 0, seconds: words.count > 3 ? Int(words[3]) : nil)
    case "occupy": try fill(path, megabytes: Int(words[2]) ?? 0)
    case "hoard": hoard(megabytes: Int(words[1]) ?? 0)
    case "multiply": try multiply(Int(words[1]) ?? 0, as: words.count > 2 ? words[2] : "")
    case "linger": try linger(as: words[1])
    case "die": kill(getpid(), SIGKILL)
    default: throw Failure("do", words[0], cause: words.dropFirst().joined(separator: " "))
    }
  }

  private func check(_ status: Int32, _ path: String) throws {
    if status != 0 { throw Failure.system("change", path) }
  }

  /// What of the sandbox can be seen from within.
  private func surroundings() throws -> String {
    var lines: [String] = []
    for text in try Files.read("/proc/self/environ").split(separator: 0) {
      lines.append(String(decoding: text, as: UTF8.self))
    }
    lines.append("root: \(try Files.names(in: "/").joined(separator: " "))")
    lines.append("run: \(try Files.names(in: "/run").joined(separator: " "))")
    lines.append(
      "network: \(try Files.names(in: "/proc/self/net/dev_snmp6").joined(separator: " "))")
    for line in try Files.readText("/proc/self/status").split(separator: "\n")
    where line.hasPrefix("CapEff") || line.hasPrefix("Umask") {
      lines.append(String(line))
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
