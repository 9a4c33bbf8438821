import CLinux
import Files
import Glibc
import Model

/// Takes memory that is not one process's own, and waits, for ever where no number of seconds is given.
///
/// `mapped` takes a shared mapping, `left` one of which only a page stays mapped, `file` a file in memory that
/// is written and not mapped, `system` System V's that nobody has mapped any more.
func share(_ way: String, megabytes: Int, seconds: Int?) throws {
  let size = megabytes << 20
  switch way {
  case "mapped", "left":
    let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)
    guard let memory, memory != MAP_FAILED else { throw Failure.system("map", "shared memory") }
    touch(memory, size)
    if way == "left" { munmap(memory + 4096, size - 4096) }
  case "file":
    let raw = particle_memory_file("shared")
    let piece = [UInt8](repeating: 7, count: 1 << 20)
    for _ in 0..<megabytes {
      guard write(raw, piece, piece.count) == piece.count else {
        throw Failure.system("write", way)
      }
    }
  case "system":
    // IPC_PRIVATE, IPC_CREAT.
    let number = particle_call(Int(__NR_shmget), 0, size, 0o1600, 0)
    let place = particle_call(Int(__NR_shmat), number, 0, 0, 0)
    guard place > 0, let memory = UnsafeMutableRawPointer(bitPattern: place) else {
      throw Failure.system("map", way)
    }
    touch(memory, size)
    _ = particle_call(Int(__NR_shmdt), place, 0, 0, 0)
  default: throw Failure("share", way, cause: "there is no such way")
  }
  if let seconds { sleep(UInt32(seconds)) } else { pause() }
}

private func touch(_ memory: UnsafeMutableRawPointer, _ size: Int) {
  for page in 0..<size >> 12 { memory.storeBytes(of: 1, toByteOffset: page << 12, as: UInt8.self) }
}

/// Writes a file of the sandbox's own file systems, and waits for what never comes.
func fill(_ path: String, megabytes: Int) throws {
  let file = try FileDescriptor.open(path, O_WRONLY | O_CREAT)
  for _ in 0..<megabytes { try file.write([UInt8](repeating: 7, count: 1 << 20)) }
  pause()
}
