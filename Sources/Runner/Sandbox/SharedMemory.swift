internal import Files
internal import Glibc

/// The memory that processes of a sandbox have in common, by what it belongs to: files in memory
/// (memfd_create(2)), shared mappings without a file, and System V's.
///
/// It lives as long as one of them has it open or mapped, however little of it is mapped; so it is
/// counted by what there is of it, not by what each process has of it.
struct SharedMemory {
  /// In bytes.
  private(set) var size = 0
  private var sizes: [Object: Int] = [:]

  /// No more open files are looked at at once: a stage that has so many must not keep a look from ending.
  private static let most = 100_000

  /// An inode of the kernel's file system for memory.
  private struct Object: Hashable {
    var device: UInt64
    var inode: UInt64
  }

  /// - Parameters:
  ///   - tree: The processes.
  ///   - seesSystemV: Whether this thread is in their namespace for System V's memory.
  init(of tree: ProcessTree, seesSystemV: Bool) {
    var looked = 0
    var mapped: [Object: Int] = [:]
    for process in tree.processes where looked < Self.most {
      let folder = "/proc/\(process)/fd"
      for name in (try? Files.names(in: folder)) ?? [] where looked < Self.most {
        looked += 1
        let target = try? Files.linkTarget("\(folder)/\(name)")
        if let target, Self.isMemory(target) { _ = count("\(folder)/\(name)") }
      }
      let mappings = Self.mappings(of: process, "maps")
      let isWhole = mappings.allSatisfy { count("/proc/\(process)/map_files/\($0.range)") }
      // Only root of the machine may look at them so; others see what is mapped of them.
      guard !isWhole else { continue }
      for mapping in Self.mappings(of: process, "smaps") {
        mapped[mapping.object, default: 0] += mapping.size
      }
    }
    sizes.merge(mapped) { known, _ in known }
    size = sizes.values.reduce(0, +) + (seesSystemV ? Self.systemV : 0)
  }

  /// Counts what a path leads to; false where it cannot be looked at.
  private mutating func count(_ path: String) -> Bool {
    var info = stat()
    guard stat(path, &info) == 0 else { return errno == ENOENT }
    let object = Object(device: UInt64(info.st_dev), inode: UInt64(info.st_ino))
    sizes[object] = Int(info.st_blocks) * 512
    return true
  }

  /// Whether what proc(5) calls so is memory that has no name in a file system.
  private static func isMemory(_ target: String) -> Bool {
    target.hasPrefix("/memfd:") || target.hasPrefix("/dev/zero (deleted)")
  }

  private struct Mapping {
    /// As the links in map_files are named: without leading zeros.
    var range: String
    var object: Object
    /// The process's share of what is in memory (Pss), in bytes; 0 where the file does not tell.
    var size = 0
  }

  /// The mappings of such memory that `maps` or `smaps` of a process has (proc(5)).
  private static func mappings(of process: pid_t, _ file: String) -> [Mapping] {
    let text = (try? Files.readText("/proc/\(process)/\(file)")) ?? ""
    var found: [Mapping] = []
    var isMeant = false
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
      if words.count > 1, words[0].hasSuffix(":") {
        if isMeant, words[0] == "Pss:" { found[found.count - 1].size = (Int(words[1]) ?? 0) * 1024 }
        continue
      }
      let name = words.count == 6 ? words[5].drop { $0 == " " } : ""
      isMeant = isMemory(String(name))
      let numbers = words.count > 4 ? words[3].split(separator: ":") : []
      guard isMeant, numbers.count == 2, let major = UInt64(numbers[0], radix: 16),
        let minor = UInt64(numbers[1], radix: 16), let inode = UInt64(words[4])
      else {
        isMeant = false
        continue
      }
      let range = words[0].split(separator: "-").map { end in
        let digits = end.drop { $0 == "0" }
        return digits.isEmpty ? "0" : String(digits)
      }
      // As makedev(3) has it.
      let device =
        (major & 0xfff) << 8 | (major & ~0xfff) << 32 | minor & 0xff | (minor & ~0xff) << 12
      found.append(
        Mapping(
          range: range.joined(separator: "-"), object: Object(device: device, inode: inode)))
    }
    return found
  }

  /// System V's memory in the namespace of this thread, mapped or not (sysvipc(7)).
  private static var systemV: Int {
    let lines = (try? Files.readText("/proc/sysvipc/shm"))?.split(separator: "\n") ?? []
    return lines.dropFirst().reduce(0) { sum, line in
      // The last two are what is in memory and what is swapped out.
      let words = line.split(separator: " ").suffix(2)
      return sum + words.reduce(0) { $0 + (Int($1) ?? 0) }
    }
  }
}
