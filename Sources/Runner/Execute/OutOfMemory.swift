internal import Files
internal import Glibc

/// A look at what the kernel's out-of-memory killer does from now on.
///
/// The kernel's log names who was killed, and the cgroup of the runner counts (cgroup v2,
/// `memory.events`); neither can be read everywhere.
package struct OutOfMemory: ~Copyable {
  /// What was found.
  package struct Finding: Sendable, Equatable {
    /// The names of the processes that were killed, as far as they are known; the kernel cuts them
    /// off after 15 bytes.
    package var victims: [String]
    /// Whether anything was killed.
    package var isCertain: Bool

    package init(victims: [String], isCertain: Bool) {
      self.victims = victims
      self.isCertain = isCertain
    }

    /// Whether the stage's own process may be among them, or the sandbox around it.
    var mayBeStage: Bool {
      victims.isEmpty
        || victims.contains { ["stage", "init", "bwrap"].contains($0) || $0.hasPrefix("ld-linux") }
    }
  }

  /// The kernel's log, open; -1 where it cannot be read.
  private let log: Int32
  private let count: Int?

  /// Begins to look.
  init() {
    log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    lseek(log, 0, SEEK_END)
    count = Self.count
  }

  deinit { if log >= 0 { close(log) } }

  /// What happened since.
  func finding() -> Finding {
    var text = ""
    // One read gives one record, and EPIPE where records were lost.
    var record = [UInt8](repeating: 0, count: 8192)
    while log >= 0 {
      let size = read(log, &record, record.count)
      if size > 0 { text += String(decoding: record[..<size], as: UTF8.self) }
      if size == 0 || size < 0 && errno != EPIPE && errno != EINTR { break }
    }
    let victims = Self.victims(in: text)
    let more = (Self.count ?? 0) > (count ?? 0)
    return Finding(victims: victims, isCertain: more || !victims.isEmpty)
  }

  /// Those whom records of the kernel's log name: `…ut of memory: Killed process 12 (name) …`.
  package static func victims(in log: String) -> [String] {
    log.split(separator: "\n").compactMap { line in
      guard let phrase = line.range(of: "ut of memory: Killed process "),
        let open = line[phrase.upperBound...].firstIndex(of: "("),
        let close = line[open...].firstIndex(of: ")")
      else { return nil }
      return String(line[line.index(after: open)..<close])
    }
  }

  /// The `oom_kill` of a cgroup's `memory.events`.
  package static func kills(in events: String) -> Int? {
    for line in events.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 2, words[0] == "oom_kill" { return Int(words[1]) }
    }
    return nil
  }

  private static var count: Int? {
    guard let own = try? Files.readText("/proc/self/cgroup") else { return nil }
    for line in own.split(separator: "\n") where line.hasPrefix("0::") {
      guard let events = try? Files.readText("/sys/fs/cgroup\(line.dropFirst(3))/memory.events")
      else { return nil }
      return kills(in: events)
    }
    return nil
  }
}

extension Substring {
  /// Where a text is; the standard library's own search wants another module.
  fileprivate func range(of text: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) {
        return start..<index(start, offsetBy: text.count)
      }
      start = index(after: start)
    }
    return nil
  }
}
