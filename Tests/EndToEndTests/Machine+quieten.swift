import Boot
import Model

extension Machine {
  /// Keeps the kernel's messages off the console, where they would stand among what commands say: on a
  /// slow machine it is still loading drivers when somebody logs in.
  func quieten() throws(Failure) {
    _ = try run("dmesg -n 1 2>/dev/null || printf 'particle\\n' | sudo -S -p '' dmesg -n 1")
  }
}
