import Boot
import Model
import Testing

extension Machine {
  /// Keeps the kernel's messages off the console, where they would stand among what commands say: on a
  /// slow machine it is still loading drivers when somebody logs in.
  func quieten() throws(Failure) {
    _ = try run("dmesg -n 1 2>/dev/null || printf 'particle\\n' | sudo -S -p '' dmesg -n 1")
  }

  /// What a command that has to succeed says.
  func answer(_ command: String, within seconds: Int = 1800) throws -> String {
    let answer = try run(command, within: seconds)
    try #require(answer.status == 0, "\(command)\n\(answer.output)")
    return answer.output
  }

  /// What a command that has to succeed says when root gives it; the password of whoever is logged in is `particle`.
  func answerAsRoot(_ command: String, within seconds: Int = 1800) throws -> String {
    let quoted = command.replacing("'", with: "'\\''")
    return try answer("printf 'particle\\n' | sudo -S -p '' sh -c '\(quoted)'", within: seconds)
  }

  /// What is asked of every machine that somebody is logged in to: all of it is up, the network too.
  ///
  /// - Parameters:
  ///   - resolver: Whether systemd-resolved answers for names, else what DHCP says.
  ///   - location: Of the test.
  /// - Throws: When it can't be asked.
  func expectLife(resolver: Bool = true, location: SourceLocation = #_sourceLocation) throws {
    try expectRunning(location: location)
    for (command, wanted) in [
      ("ip -4 route show default | cut -d' ' -f1-3", "default via 10.0.2.2"),
      ("grep ^nameserver /etc/resolv.conf", "nameserver \(resolver ? "127.0.0.53" : "10.0.2.3")"),
      (
        resolver ? "resolvectl --legend=no dns | grep -o '10[.]0[.]2[.]3'" : "echo 10.0.2.3",
        "10.0.2.3"
      ),
      (
        "getent hosts localhost | tr -s ' ' | head -n1",
        "::1 localhost ip6-localhost ip6-loopback"
      ),
      ("getent ahosts $(hostname) >/dev/null && echo known", "known"),
      ("getent services https/tcp | tr -s ' '", "https 443/tcp"),
      ("ping -nqc1 -W30 10.0.2.2 >/dev/null && echo answered", "answered"),
      ("dpkg --audit", ""),
    ] {
      let answer = try run(command)
      let last = answer.output.split(separator: "\n").last ?? ""
      try #require(last == wanted, "\(command): \(answer)", sourceLocation: location)
    }
  }

  /// systemd says that all is up.
  func expectRunning(location: SourceLocation = #_sourceLocation) throws {
    let state = try run("systemctl is-system-running --wait", within: 1200)
    // systemd tells what it starts until it is done.
    let isRunning = state.output.split(separator: "\n").last == "running"
    let failed = isRunning ? "" : try run("systemctl --failed").output
    try #require(isRunning, "\(state.output)\n\(failed)", sourceLocation: location)
  }
}
