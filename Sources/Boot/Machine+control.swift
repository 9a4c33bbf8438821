internal import Files
internal import Glibc
internal import JSON
package import Model

/// What QEMU is asked to do, by its own protocol: one JSON object in a line each way (QMP, docs/interop/qmp-spec.rst of QEMU).
extension Machine {
  /// Writes what is on the screen to a file.
  ///
  /// - Parameter path: The PNG image to write; what stood there is replaced.
  /// - Throws: When it can't be written, or the machine has no screen.
  package func photograph(to path: String) throws(Failure) {
    try command(
      "screendump", .object([("filename", .string(path)), ("format", .string("png"))]),
      "write", path)
  }

  /// Presses the power button.
  ///
  /// - Throws: When the machine has ended.
  package func pressPower() throws(Failure) {
    try command("system_powerdown", nil, "turn off", image)
  }

  /// Presses keys of the machine's keyboard, one after the other.
  ///
  /// - Parameter keys: By the names that QEMU gives them (QKeyCode of its qapi/ui.json): `a`, `1`, `ret`, `tab` …
  /// - Throws: If QEMU does not know a key, or the machine has ended.
  package func press(_ keys: [String]) throws(Failure) {
    for key in keys {
      let stroke = Node.object([("type", .string("qcode")), ("data", .string(key))])
      try command("send-key", .object([("keys", Node.list([stroke]))]), "press", key)
      usleep(200_000)
    }
  }

  /// Gives a command and waits for its answer.
  private func command(
    _ name: String, _ arguments: Node?, _ operation: String, _ object: String
  ) throws(Failure) {
    func refusal(_ cause: String, _ remedy: String = "start the machine again") -> Failure {
      Failure(operation, object, cause: cause, remedy: remedy)
    }
    func answer() throws(Failure) -> Node {
      guard let line = nextControlLine() else { throw refusal("QEMU does not answer") }
      do { return try JSON.parse(line, file: "QMP", allowsDecimals: true) } catch {
        throw refusal("QEMU's answer is not JSON: \(error.problem)")
      }
    }
    func ask(_ name: String, _ arguments: Node?) throws(Failure) {
      let members = [("execute", Node.string(name))] + (arguments.map { [("arguments", $0)] } ?? [])
      try control.write(Node.object(members).canonicalBytes + Array("\n".utf8))
      while true {
        let said = try answer()
        if said["return"] != nil { return }
        // All else tells of what happens.
        guard let error = said["error"] else { continue }
        guard case .string(let cause)? = error["desc"]?.value else { throw refusal("QEMU refused") }
        throw refusal(cause, "correct what QEMU complains about, and start the machine again")
      }
    }
    if !isControlled {
      _ = try answer()
      try ask("qmp_capabilities", nil)
      isControlled = true
    }
    try ask(name, arguments)
  }

  /// The next line that QEMU says within a minute.
  private func nextControlLine() -> [UInt8]? {
    while true {
      if let end = controlText.firstIndex(of: UInt8(ascii: "\n")) {
        defer { controlText.removeSubrange(...end) }
        return Array(controlText[..<end])
      }
      var request = pollfd(fd: control.raw, events: Int16(POLLIN), revents: 0)
      guard retrying({ Int(poll(&request, 1, 60_000)) }) == 1 else { return nil }
      var chunk = [UInt8](repeating: 0, count: 1 << 12)
      let count = retrying { recv(control.raw, &chunk, chunk.count, 0) }
      guard count > 0 else { return nil }
      controlText += chunk[..<count]
    }
  }
}
