internal import CLinux
internal import Glibc
package import Model

/// A pipe; both ends are closed on exec, and when it goes out of scope.
package struct Pipe: ~Copyable {
  package let reading: Int32
  /// -1 when it has been closed.
  package private(set) var writing: Int32

  package init() throws(Failure) {
    var ends: [Int32] = [-1, -1]
    guard particle_pipe(&ends) == 0 else { throw .system("make", "a pipe") }
    reading = ends[0]
    writing = ends[1]
  }

  /// Closes our writing end: who reads comes to the end when no other process writes any more.
  package mutating func endWriting() {
    if writing >= 0 { close(writing) }
    writing = -1
  }

  deinit {
    close(reading)
    if writing >= 0 { close(writing) }
  }
}
