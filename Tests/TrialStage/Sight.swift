import Files
import Glibc
import Model

/// What a stage sees of itself, of the sandbox's first process and of the mounts.
func sight() throws -> String {
  var lines: [String] = []
  for name in try Files.names(in: "/proc/self/fd").sorted(by: { $0.utf8.count < $1.utf8.count }) {
    // The folder that was open for the list is closed by now.
    guard let target = try? Files.linkTarget("/proc/self/fd/\(name)") else { continue }
    lines.append("open \(name): \(target.prefix { $0 != "[" })")
  }
  for process in try Files.names(in: "/proc") where Int(process) != nil {
    lines.append("process \(process): \(try words("/proc/\(process)/cmdline"))")
  }
  for name in ["auxv", "cwd", "environ", "exe", "maps", "mem", "root"] {
    let raw = open("/proc/1/\(name)", O_RDONLY)
    lines.append("first \(name): \(raw < 0 ? String(cString: strerror(errno)) : "opened")")
  }
  var names = utsname()
  uname(&names)
  for (title, bytes) in [
    ("release", withUnsafeBytes(of: &names.release) { Array($0) }),
    ("machine", withUnsafeBytes(of: &names.machine) { Array($0) }),
  ] {
    lines.append("\(title): \(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))")
  }
  lines.append("first fd: \((try? Files.names(in: "/proc/1/fd"))?.description ?? "refused")")
  lines.append("variables: \(try words("/proc/self/environ"))")
  for limit in try Files.readText("/proc/self/limits").split(separator: "\n")
  where ["open files", "core", "stack", "file size", "address space"].contains(where: {
    limit.hasPrefix("Max \($0)")
  }) {
    lines.append(limit.split(separator: " ").joined(separator: " "))
  }
  for (name, flags) in [("full", O_RDWR), ("null", O_RDWR), ("random", O_RDONLY), ("zero", O_RDWR)]
  {
    lines.append("device \(name): \(open("/dev/\(name)", flags) < 0 ? errno : 0)")
    let info = try Files.information("/dev/\(name)")
    lines.append("file \(name): \(info.st_dev):\(info.st_ino)")
  }
  for name in ["mountinfo", "mounts"] {
    for line in try Files.readText("/proc/self/\(name)").split(separator: "\n") {
      lines.append("\(name): \(line)")
    }
  }
  return lines.joined(separator: "\n") + "\n"
}

/// The words of a file in which each ends with a NUL.
private func words(_ path: String) throws -> String {
  try Files.read(path).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    .joined(separator: " ")
}
