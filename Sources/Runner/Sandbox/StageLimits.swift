internal import Glibc
package import Model

/// What one stage with all its processes may take of the machine.
package struct StageLimits: Sendable, Equatable {
  /// Of memory, files of its tree apart: what is its processes' own, what they share, and files in `/tmp`, `/run` and
  /// `/dev`.
  package var memory: ByteSize
  /// Processes and threads together.
  package var processes: Int

  package init(memory: ByteSize, processes: Int) {
    self.memory = memory
    self.processes = processes
  }

  /// What `/tmp` and `/run` may hold each, in bytes.
  ///
  /// That is much more than a stage may take, so that it is told the limit, also where the runner looks late, and not that
  /// a disk is full; but no more than the half of the machine's memory that the kernel would give by itself.
  package var room: Int { min(memory.bytes, Self.machineMemory / 8) * 4 }

  /// All but an eighth of the machine's memory, and 4096 processes.
  package static let standard = StageLimits(
    memory: ByteSize(bytes: machineMemory / 8 * 7), processes: 4096)

  /// In bytes.
  private static let machineMemory = Int(sysconf(Int32(_SC_PHYS_PAGES))) * pageSize

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
    case .memory(let limit): "killed for exceeding its memory limit of \(ByteCount(limit.bytes))"
    case .processes(let limit): "killed for exceeding its limit of \(limit) processes"
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
