internal import Files
internal import Glibc
package import Model

extension Machine {
  /// Why a conversation ended.
  package enum Farewell: Sendable, Equatable {
    /// The machine went off by itself.
    case off
    /// The person left with the key for it.
    case left
  }

  /// The key that leaves a machine: Ctrl and the closing bracket, as with telnet and `virsh console`.
  package static let leavingKey: UInt8 = 0x1d

  /// Gives what is typed to the machine's console until it is off.
  ///
  /// What the console says comes by `echo`.
  ///
  /// - Parameter keyboard: An open file; where it ends, what the machine says is still shown. On a terminal, `leavingKey` ends the
  ///   conversation.
  /// - Returns: Which of the two it was.
  /// - Throws: When the machine ended in another way than by going off.
  package func converse(keyboard: Int32) throws(Failure) -> Farewell {
    let isTerminal = isatty(keyboard) == 1
    var keyboard = keyboard
    while true {
      do { _ = try receive(within: .seconds(3600), or: keyboard) } catch {
        if isInOrder { return .off }
        throw error
      }
      forget()
      var request = pollfd(fd: keyboard, events: Int16(POLLIN), revents: 0)
      guard keyboard >= 0, poll(&request, 1, 0) == 1 else { continue }
      var typed = [UInt8](repeating: 0, count: 1 << 10)
      let count = retrying { read(keyboard, &typed, typed.count) }
      guard count > 0 else {
        keyboard = -1
        continue
      }
      if isTerminal, typed[..<count].contains(Self.leavingKey) { return .left }
      do { try type(Array(typed[..<count])) } catch {
        if isInOrder { return .off }
        throw error
      }
    }
  }
}
