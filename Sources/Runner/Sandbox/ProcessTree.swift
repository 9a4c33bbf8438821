internal import Files
internal import Glibc

/// A process and all its descendants, as /proc shows them at one moment (proc(5)).
///
/// Of a process that ends meanwhile nothing is seen, and of one that changes its parent perhaps
/// nothing: who looks again sees it then.
struct ProcessTree {
  /// How many threads they have together.
  private(set) var threads = 0
  private(set) var processes: [pid_t] = []

  /// Looks at no more than so many threads.
  init(of first: pid_t, atMost limit: Int) {
    var waiting = [first]
    while let process = waiting.popLast(), threads <= limit {
      processes.append(process)
      for thread in (try? Files.names(in: "/proc/\(process)/task")) ?? [] {
        threads += 1
        let children = try? Files.readText("/proc/\(process)/task/\(thread)/children")
        waiting += (children ?? "").split(separator: " ").compactMap { pid_t($0) }
      }
    }
  }

  /// Whether this kernel tells of children (CONFIG_PROC_CHILDREN, as Debian's does).
  static var isKnown: Bool { Files.exists("/proc/self/task/\(getpid())/children") }

  /// The memory that is theirs and in use, in bytes: what several of them have in common counts for each.
  var mostMemory: Int {
    processes.reduce(0) { sum, process in
      sum + Self.sizes("/proc/\(process)/status", ["RssAnon:", "RssShmem:", "VmSwap:"])
    }
  }

  /// What of it is not shared with files or other processes, without counting anything twice; this takes the
  /// kernel some milliseconds for each GiB.
  var ownMemory: Int {
    processes.reduce(0) { sum, process in
      sum + Self.sizes("/proc/\(process)/smaps_rollup", ["Pss_Anon:", "SwapPss:"])
    }
  }

  /// The sum of some lines of a file of proc(5), in bytes.
  private static func sizes(_ path: String, _ names: Set<String>) -> Int {
    let lines = (try? Files.readText(path))?.split(separator: "\n") ?? []
    return lines.reduce(0) { sum, line in
      let words = line.split(whereSeparator: \.isWhitespace)
      guard words.count > 1, names.contains(String(words[0])) else { return sum }
      return sum + (Int(words[1]) ?? 0) * 1024
    }
  }
}
