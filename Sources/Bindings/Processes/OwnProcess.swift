internal import CLinux
internal import Files
internal import Glibc
package import Model

/// What this process can change of itself; processes that it starts inherit it.
package enum OwnProcess {
  /// Keeps what is open beside the three streams from programs that this one becomes or starts.
  ///
  /// `Command` gives them nothing of it in any case; libraries that start programs might.
  package static func keepOpenFiles() {
    // Linux before 5.11 does not know the call, and there it is `Command` alone.
    _ = particle_close_on_exec_from(3)
  }

  /// Closes what is open beside the three streams.
  package static func closeOtherFiles() { _ = particle_close_from(3) }

  /// Lets the kernel kill this process when the thread that started it ends.
  package static func endWithParent() throws(Failure) {
    guard particle_set_parent_death_signal(SIGKILL) == 0 else {
      throw .system("watch", "the parent")
    }
  }

  /// Gives this process a host name of its own; the machine keeps its name.
  ///
  /// Must be called before there are threads.
  package static func setHostName(_ name: String) throws(Failure) {
    guard particle_unshare_host_name() == 0,
      particle_set_host_name(name, UInt(name.utf8.count)) == 0
    else { throw .system("set", "the host name") }
  }

  /// Keeps this process on one processor.
  ///
  /// Must be called before there are threads.
  package static func useOneProcessor() throws(Failure) {
    guard particle_use_one_processor() == 0 else { throw .system("choose", "a processor") }
  }
}
