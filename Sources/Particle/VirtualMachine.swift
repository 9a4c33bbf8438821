internal import ArgumentParser
internal import Boot
internal import Files
internal import Glibc
internal import Model
internal import Runner

/// The command `particle vm IMAGE`.
struct VirtualMachine: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vm",
    abstract: "Runs an image in a virtual machine, to be used.",
    discussion: """
      Of a recipe or a manifest, the disk or ISO is built first. The machine's serial console is this terminal, and Ctrl-] \
      leaves it, which turns the machine off. What the machine writes is forgotten then, unless --persist is given. It has a \
      network of its own, from which it reaches what this machine reaches, its loopback too (as 10.0.2.2).

      With --run it comes up, runs the command as root and is gone: by SSH, with a key for this once, or by the serial \
      console where no SSH server answers. The exit status is the command's. With --screenshot it is gone once the picture is \
      taken.

      Exit status: 0 the machine went off or was left, 1 it failed, 2 the command line is wrong.
      """)

  @Argument(
    help: "A disk image (raw, qcow2, vmdk, vdi, vhdx or vhd), an ISO, a recipe or a manifest.",
    completion: .file())
  var image: String

  @OptionGroup(title: "Hardware") var hardware: HardwareOptions

  @Option(
    name: .customLong("port"),
    help: ArgumentHelp(
      "A TCP port of this machine that leads to one of the virtual machine: 8080:80; may be given again.",
      valueName: "here:there"))
  var ports: [String] = []

  @Option(
    help: ArgumentHelp(
      "A folder with user-data and meta-data for cloud-init.", valueName: "dir"),
    completion: .directory)
  var seed: String?

  @Flag(help: "Keep what the machine writes: it goes into the image.")
  var persist = false

  @Flag(help: "Show the machine's screen in a window.")
  var graphical = false

  @Option(
    help: ArgumentHelp("Write a picture of the screen, a PNG image, and end.", valueName: "file"),
    completion: .file(extensions: ["png"]))
  var screenshot: String?

  @Option(
    help: ArgumentHelp(
      "When the picture is taken: so many seconds after the start, or after --until.",
      valueName: "seconds"))
  var after: Int?

  @Option(
    help: ArgumentHelp(
      "When the picture is taken: once the serial console has said this text.", valueName: "text"))
  var until: String?

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp("A command for root's shell on the machine.", valueName: "command"))
  var command: String?

  @Option(
    help: ArgumentHelp(
      "How long the machine may take for --run or --until.", valueName: "seconds"))
  var timeout = 600

  @Option(
    name: .customLong("image"),
    help: ArgumentHelp(
      "Which of a recipe's exports is started; without it, the first disk or ISO.",
      valueName: "export"))
  var export: String?

  @Option(
    help: "The folder that keeps sources and results, where something is built.",
    completion: .directory)
  var store: String?

  @Flag(name: .shortAndLong, help: "With --run or --screenshot: don't show the console.")
  var quiet = false

  func validate() throws {
    try hardware.validate()
    guard timeout > 0 else { throw ValidationError("--timeout has to be more than 0") }
    guard after ?? 0 >= 0 else { throw ValidationError("--after cannot be less than 0") }
    if screenshot == nil, after != nil || until != nil {
      throw ValidationError("--after and --until say when --screenshot is taken: give that, too")
    }
    if let screenshot, after == nil, until == nil {
      throw ValidationError(
        "when is '\(shown(screenshot))' to be taken? Add --until 'login:', or --after 60")
    }
    if screenshot != nil, graphical || command != nil {
      throw ValidationError("--screenshot goes neither with --graphical nor with --run")
    }
    if persist, isSource { throw ValidationError("--persist needs an image, not what makes one") }
    if !isSource, export != nil || store != nil {
      throw ValidationError("--image and --store are for a recipe or a manifest")
    }
    _ = try forwardings()
  }

  /// Whether what is given has to be built first.
  private var isSource: Bool { [".yml", ".yaml", ".json"].contains { image.hasSuffix($0) } }

  func run() throws {
    Interrupts.hold()
    // QEMU ends with this process.
    Interrupts.end(saying: "particle: interrupted") {}
    if graphical, getenv("DISPLAY") == nil, getenv("WAYLAND_DISPLAY") == nil {
      throw Failure(
        "show", "a window",
        cause: "there is no desktop: neither DISPLAY nor WAYLAND_DISPLAY is set",
        remedy: "leave out --graphical, or use --screenshot")
    }
    guard isSource else { return try start(image) }
    let build = try SourceBuild(of: image, store: store, on: hardware.architecture)
    defer { build.remove() }
    try start(build.image(named: export))
  }

  private func start(_ path: String) throws {
    // A key that systemd writes into /root would stay in an image that is kept.
    let shell = command == nil || persist ? nil : try SecureShell()
    if let shell { Interrupts.end { shell.remove() } }
    var credentials = command == nil ? [:] : Machine.consoleCredentials(on: hardware.architecture)
    var forwardings = try forwardings()
    if let way = shell?.forwarding { forwardings.append(way) }
    credentials.merge(shell?.credentials ?? [:]) { $1 }
    var filter = command != nil && isatty(2) == 1 ? ConsoleFilter() : nil
    let stream = command == nil ? Output.results : .errors
    let machine = try hardware.machine(
      path, seed: seed, network: .user(forwarding: forwardings),
      display: graphical ? .window : screenshot != nil ? .hidden : .none, credentials: credentials,
      isPersistent: persist, restarts: true
    ) { bytes in
      if quiet, command != nil || screenshot != nil { return }
      stream.write(filter?.shown(bytes)[...] ?? bytes)
    }
    if let command {
      let status = try machine.runAsRoot(command, by: shell, within: timeout) {
        Output.results.writeAsIs($0)
      }
      if persist { try turnOff(machine) }
      throw ExitCode(status)
    }
    if let screenshot { return try photograph(machine, screenshot) }
    try use(machine)
  }

  private func photograph(_ machine: Machine, _ file: String) throws {
    if let until { try machine.expect(until, within: timeout) }
    if let after { try machine.wait(seconds: after) }
    try machine.photograph(to: file)
    if persist { try turnOff(machine) }
  }

  /// The person's terminal is the machine's until one of them has enough.
  private func use(_ machine: Machine) throws {
    let terminal = Terminal()
    if terminal != nil { Output.errors.write("particle: Ctrl-] leaves the machine\r\n") }
    switch try machine.converse(keyboard: 0) {
    case .off: break
    case .left: if persist { try turnOff(machine) }
    }
    _ = consume terminal
  }

  /// What is to stay has to be written by the machine: it goes down as if its power button was pressed.
  private func turnOff(_ machine: Machine) throws {
    try machine.pressPower()
    guard machine.waitForEnd(within: 120) else {
      throw Failure(
        "turn off", image, cause: "the machine did not go down within two minutes",
        remedy: "shut it down from inside; what it had not written yet is lost now")
    }
  }

  private func forwardings() throws -> [Network.Forwarding] {
    try ports.map { text in
      let numbers = text.split(separator: ":", omittingEmptySubsequences: false).map {
        Int($0) ?? 0
      }
      guard numbers.count == 2, numbers.allSatisfy({ 1...65535 ~= $0 }) else {
        throw ValidationError(
          "'\(shown(text))' is not two ports: write 8080:80 for 8080 here and 80 on the machine")
      }
      return Network.Forwarding(host: numbers[0], guest: numbers[1])
    }
  }
}
