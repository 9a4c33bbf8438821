package import Model

extension Machine {
  /// What a command left on the machine.
  package struct Answer: Sendable, Equatable {
    /// What it wrote, both streams, without white space at the end.
    package var output: String
    package var status: Int
  }

  /// Logs in at the prompt that appears, and makes the shell ready for `run`.
  ///
  /// - Parameters:
  ///   - user: Who has a shell.
  ///   - password: In the clear.
  ///   - isUp: Whether the prompt may have been written already: Enter is pressed until it is there again.
  ///   - seconds: How long the prompt may take, from now.
  ///   - patience: How long what was typed may stay without an answer until it is typed again.
  /// - Throws: When the prompt does not come, or the password is refused.
  package func logIn(
    user: String, password: String, isUp: Bool = false, within seconds: Int = 300,
    patience: Duration = .seconds(60)
  ) throws(Failure) {
    try expectPrompt(isUp: isUp, within: seconds, patience: patience)
    try send(user)
    // English and German; the prompt is in the system's language.
    let questions = ["assword: ", "asswort: "]
    // While systemd asks the terminal for its size, as it does when it starts something on it, what is typed is lost.
    if try find(anyOf: questions, within: patience) == nil {
      try expectPrompt(isUp: true, within: seconds, patience: patience)
      try send(user)
      try expect(anyOf: questions, within: 120)
    }
    try send(password)
    if try expect(anyOf: ["$ ", "# ", "incorrect"], within: 120).text == "incorrect" {
      throw failure(
        "the password of \(user) was refused",
        remedy: "use the password that the recipe's 'password-hash' was generated from")
    }
    try becomePlain()
  }

  private func expectPrompt(isUp: Bool, within seconds: Int, patience: Duration) throws(Failure) {
    let prompt = "login: "
    guard isUp else {
      try expect(prompt, within: seconds)
      return
    }
    let deadline = ContinuousClock.now + .seconds(seconds)
    repeat {
      try send("")
      if try find(anyOf: [prompt], within: patience) != nil { return }
    } while ContinuousClock.now < deadline
    throw failure("“\(prompt)” did not appear within \(seconds) seconds")
  }

  /// Makes the shell that somebody is logged in with ready for `run`.
  func becomePlain() throws(Failure) {
    // A plain shell, as bash's line editor would write its own sequences between the answers, and
    // drops what is typed before it is ready. The quotes keep the echo from looking like the prompt.
    let line = "exec env PS1=ready-to'-'run PS2= TERM=dumb PAGER=cat SYSTEMD_COLORS=0 sh"
    try send(line)
    if try find(anyOf: ["ready-to-run"], within: .seconds(60)) == nil {
      // Lost, as a name can be; where it was only slow, another does no harm.
      try send(line)
      try expect("ready-to-run", within: 120)
    }
    try send("PS1=; stty -echo cols 1000")
    _ = try run("true")
  }

  /// Runs a shell command on the machine, after `logIn`.
  ///
  /// Messages of the kernel go to the same console, and may stand in the output.
  ///
  /// - Parameters:
  ///   - command: For `sh`; it has no input.
  ///   - seconds: How long it may take.
  /// - Returns: What it wrote, and its exit status, whatever that is.
  /// - Throws: When it takes longer, or the machine ends.
  package func run(_ command: String, within seconds: Int = 180) throws(Failure) -> Answer {
    commands += 1
    // The parts are joined by printf, so that an echo of the line is not taken for the mark.
    try send(
      "printf '%s-%s\\n' begin-of \(commands); { \(command)\n} 2>&1 </dev/null; "
        + "printf '\\n%s-%s-%s;\\n' end-of \(commands) $?")
    try expect("begin-of-\(commands)\r\n", within: seconds)
    let output = ConsoleText.plain(try expect("end-of-\(commands)-", within: seconds))
    let status = ConsoleText.plain(try expect(";", within: seconds))
    guard let status = Int(status) else {
      throw failure(
        "the shell answered “\(status)” instead of an exit status",
        remedy: "try again: the kernel may have written to the console at that moment")
    }
    return Answer(output: output.trimmingEnd(), status: status)
  }
}

extension String {
  fileprivate func trimmingEnd() -> String {
    var text = self[...]
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
