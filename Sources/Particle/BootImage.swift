internal import ArgumentParser
internal import Boot
internal import Glibc
internal import Model

/// The command `particle boot IMAGE`.
struct BootImage: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "boot",
    abstract: "Boots a disk image in QEMU until it asks for a login.",
    discussion: """
      The serial console is shown as it comes, on a terminal without what would act on it. The image is not changed, and the machine has no \
      network. With --login, the user logs in at the prompt: the password is the first line of standard input, or is asked for on a \
      terminal. Exit status: 0 the text appeared, and the user was let in; 1 not so; 2 the command line is wrong.
      """)

  @Argument(
    help: "A disk image (raw, qcow2, vmdk, vdi, vhdx or vhd), or an ISO.", completion: .file())
  var image: String

  @OptionGroup(title: "Hardware") var hardware: HardwareOptions

  @Option(help: "How long to wait, in seconds.")
  var timeout = 300

  @Option(help: "The text on the console that ends the wait.")
  var until = "login:"

  @Option(help: ArgumentHelp("Log this user in, with a password.", valueName: "user"))
  var login: String?

  @Flag(name: .shortAndLong, help: "Don't show the console.")
  var quiet = false

  func validate() throws {
    try hardware.validate()
    guard timeout > 0 else { throw ValidationError("--timeout has to be more than 0") }
    guard !until.isEmpty else { throw ValidationError("--until needs a text") }
    guard login == nil || until == "login:" else {
      throw ValidationError("--login waits for 'login:': leave out --until")
    }
    guard login?.isEmpty != true else { throw ValidationError("--login needs the name of a user") }
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
        + "particle: \(login.map { "\($0) is logged in" } ?? "“\(until)”") after \(tenths / 10).\(tenths % 10) s (\(hardware.chosenFirmware.rawValue))\n"
    )
  }

  /// - Returns: The first line of standard input; asked for without being shown where that is a terminal.
  private static func password(of user: String) throws -> String {
    guard isatty(0) == 1 else {
      guard let line = readLine() else {
        throw Failure(
          "read", "the password of \(user)", cause: "standard input is empty",
          remedy: "write it there: printf '%s\\n' PASSWORD | particle boot …")
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
      throw Failure("read", "the password of \(user)", cause: "nothing was typed")
    }
    return line
  }
}
