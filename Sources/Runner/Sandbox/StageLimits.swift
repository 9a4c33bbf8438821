internal import Glibc
package import Model

/// What one stage with all its processes may take of the machine.
package struct StageLimits: Sendable, Equatable {
  /// Of memory that is theirs alone; files that the kernel keeps in memory do not count.
  package var memory: ByteSize
  /// Processes and threads together.
  package var processes: Int

  package init(memory: ByteSize, processes: Int) {
    self.memory = memory
    self.processes = processes
  }

  /// All but an eighth of the machine's memory, and 4096 processes.
  package static let standard = StageLimits(
    memory: ByteSize(bytes: Int(sysconf(Int32(_SC_PHYS_PAGES))) * pageSize / 8 * 7),
    processes: 4096)

  /// What a stage took too much of.
  package enum Excess: Sendable, Equatable {
    case memory(limit: ByteSize)
    case processes(limit: Int)
  }
}

extension StageLimits.Excess: CustomStringConvertible {
  /// How people are told the end of such a stage.
  package var description: String {
    switch self {
    case .memory(let limit): "killed for memory (limit \(ByteCount(limit.bytes)))"
    case .processes(let limit): "killed at the limit of \(limit) processes"
    }
  }

  /// The option that sets the limit.
  var option: String {
    switch self {
    case .memory: "--stage-memory"
    case .processes: "--stage-processes"
    }
  }
}

/// In bytes.
let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))
