package import Model

extension Machine {
  /// What makes systemd (256 and later) log root in on the serial console, in this boot alone: a drop-in in /run.
  package static func consoleCredentials(on architecture: Architecture) -> [String: String] {
    let terminal = architecture == .amd64 ? "ttyS0" : "ttyAMA0"
    return [
      "systemd.unit-dropin.serial-getty@\(terminal).service": """
      [Service]
      ExecStart=
      ExecStart=-/sbin/agetty --autologin root --keep-baud 115200,57600,38400,9600 - $TERM

      """
    ]
  }

  /// Runs a command as root, on our own streams, as soon as the machine is up.
  ///
  /// By SSH, or on the serial console where no SSH server answers; the machine was started with the credentials for both.
  ///
  /// - Parameters:
  ///   - command: For the shell of root.
  ///   - shell: The way by SSH; nil where the console alone is to be used.
  ///   - seconds: How long the machine may take to come up.
  ///   - output: Given what the command writes, where it runs on the console: both its streams.
  /// - Returns: The exit status of the command.
  /// - Throws: When the machine does not come up, and when it lets root in by neither way.
  package func runAsRoot(
    _ command: String, by shell: SecureShell?, within seconds: Int,
    output: (String) -> Void
  ) throws(Failure) -> Int32 {
    let deadline = ContinuousClock.now + .seconds(seconds)
    var prompted: ContinuousClock.Instant?
    while ContinuousClock.now < deadline {
      if shell?.letsIn() == true, let status = try shell?.status(of: command) { return status }
      let text = try find(anyOf: ["(automatic login)", "login: "], within: .seconds(2))?.text
      if text == "(automatic login)" {
        try expect(anyOf: ["# ", "$ "], within: 120)
        try becomePlain()
        _ = try run("systemctl is-system-running --wait", within: seconds)
        // The server may have come up with the last of them.
        if shell?.letsIn() == true, let status = try shell?.status(of: command) {
          return status
        }
        // In a shell of its own, which it may leave.
        let answer = try run("(\(command)\n)", within: 86_400)
        output(answer.output.isEmpty ? "" : answer.output + "\n")
        return Int32(answer.status)
      }
      if text != nil { prompted = prompted ?? .now }
      // Somebody is asked to log in; the server has had its time.
      if let prompted, .now - prompted > .seconds(60) { throw noWayIn }
    }
    guard prompted == nil else { throw noWayIn }
    throw failure(
      "it did not come up within \(seconds) seconds", remedy: "allow more time with --timeout")
  }

  /// Lets the machine go on for a time; what it says is echoed.
  package func wait(seconds: Int) throws(Failure) {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline { _ = try receive(within: deadline - .now) }
  }

  private var noWayIn: Failure {
    failure(
      "no SSH server lets root in, and the serial console asks for a password (systemd before 256)",
      remedy: "add openssh-server to the recipe's packages, and allow root to log in with a key")
  }
}
