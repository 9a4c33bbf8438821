internal import ArgumentParser
internal import Boot
internal import Glibc
internal import Model

/// The command `particle boot IMAGE`.
struct BootImage: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "boot",
    abstract: "Boot a disk image in QEMU and wait for its login prompt.",
    discussion: """
      Shows the serial console as the machine writes to it; on a terminal, control sequences are \
      left out. The image is not changed, and the machine has no network.

      With --login, the user logs in at the prompt. The password is the first line of standard \
      input; if that is a terminal, you are asked for it.

      Exit status: 0 the text appeared and the login, if any, succeeded; 1 it did not; 2 the \
      command line is wrong.
      """)

  @Argument(
    help: "A disk image (raw, qcow2, vmdk, vdi, vhdx or vhd) or an ISO image.",
    completion: .file())
  var image: String

  @OptionGroup(title: "Hardware") var hardware: HardwareOptions

  @Option(help: ArgumentHelp("How long to wait, in seconds.", valueName: "seconds"))
  var timeout = 300

  @Option(help: ArgumentHelp("Wait for this text on the console.", valueName: "text"))
  var until = "login:"

  @Option(help: ArgumentHelp("Log in as this user, with a password.", valueName: "user"))
  var login: String?

  @Flag(name: .shortAndLong, help: "Don't show the console.")
  var quiet = false

  func validate() throws {
    try hardware.validate()
    guard timeout > 0 else { throw ValidationError("--timeout must be greater than 0") }
    guard !until.isEmpty else { throw ValidationError("--until needs a text to wait for") }
    guard login == nil || until == "login:" else {
      throw ValidationError("--login always waits for 'login:': leave out --until")
    }
    guard login?.isEmpty != true else { throw ValidationError("--login needs a user name") }
  }

  func run() throws {
    let password = try login.map { try Self.password(of: $0) }
    let begin = ContinuousClock.now
    // A file gets what came; a terminal must not obey an image that is only looked at.
    var filter = isatty(1) == 1 ? ConsoleFilter() : nil
    let machine = try hardware.machine(image) { bytes in
      if quiet { return }
      Output.results.write(filter?.shown(bytes)[...] ?? bytes)
    }
    if let login, let password {
      try machine.logIn(user: login, password: password, within: timeout)
    } else {
      try machine.expect(until, within: timeout)
    }
    let tenths = Int((ContinuousClock.now - begin) / .milliseconds(100))
    Output.results.write(
      (quiet ? "" : "\n")
        + "particle: \(login.map { "\($0) is logged in" } ?? "“\(until)”") after \(tenths / 10).\(tenths % 10) s (\(machine.firmware.rawValue))\n"
    )
  }

  /// - Returns: The first line of standard input; asked for without being shown where that is a terminal.
  private static func password(of user: String) throws -> String {
    guard isatty(0) == 1 else {
      guard let line = readLine() else {
        throw Failure(
          "read", "the password of \(user)", cause: "standard input is empty",
          remedy: "pass it there: printf '%s\\n' PASSWORD | particle boot …")
      }
      return line
    }
    var settings = termios()
    tcgetattr(0, &settings)
    var silent = settings
    silent.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(0, TCSAFLUSH, &silent)
    Output.errors.write("Password of \(user): ")
    let line = readLine()
    tcsetattr(0, TCSAFLUSH, &settings)
    Output.errors.write("\n")
    guard let line else {
      throw Failure(
        "read", "the password of \(user)", cause: "nothing was typed",
        remedy: "type the password and press Enter")
    }
    return line
  }
}
