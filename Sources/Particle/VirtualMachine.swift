internal import ArgumentParser
internal import Boot
internal import Files
internal import Glibc
internal import Model
internal import Runner
internal import Usage

/// The command `particle vm IMAGE`.
struct VirtualMachine: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vm",
    abstract: "Start an image in a virtual machine and use it.",
    discussion: """
      If you name a recipe or a manifest, its disk or ISO image is built first. This terminal is \
      the machine's serial console; Ctrl-] leaves it and turns the machine off. What the machine \
      wrote is then discarded, unless you use --persist. The machine has a network of its own. \
      From it, the machine can reach whatever the host can, and the host's loopback as 10.0.2.2.

      With --run, the machine starts, runs the command as root and stops. The command runs over \
      SSH with a one-time key, or on the serial console if no SSH server answers. The exit status \
      is the command's. With --screenshot, the machine stops once the picture is taken.

      Exit status: 0 the machine turned off or you left it, 1 it failed, 2 the command line is \
      wrong.
      """)

  @Argument(
    help: "A disk (raw, qcow2, vmdk, vdi, vhdx or vhd) or ISO image, a recipe or a manifest.",
    completion: .file())
  var image: String

  @OptionGroup(title: "Hardware") var hardware: HardwareOptions

  @Option(
    name: .customLong("port"),
    help: ArgumentHelp(
      "Forward a TCP port of the host to the machine, such as 8080:80. Can be repeated.",
      valueName: "host:machine"))
  var ports: [String] = []

  @Option(
    help: ArgumentHelp(
      "A directory with user-data and meta-data for cloud-init.", valueName: "dir"),
    completion: .directory)
  var seed: String?

  @Flag(help: "Keep what the machine writes, in the image.")
  var persist = false

  @Flag(help: "Show the machine's screen in a window.")
  var graphical = false

  @Option(
    help: ArgumentHelp("Save a picture of the screen as a PNG file, and stop.", valueName: "file"),
    completion: .file(extensions: ["png"]))
  var screenshot: String?

  @Option(
    help: ArgumentHelp(
      "Take the screenshot this many seconds after the start, or after the text of --until.",
      valueName: "seconds"))
  var after: Int?

  @Option(
    help: ArgumentHelp(
      "Take the screenshot once this text appears on the serial console.", valueName: "text"))
  var until: String?

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp("Run this command in root's shell, and stop.", valueName: "command"))
  var command: String?

  @Option(
    help: ArgumentHelp(
      "How long to wait for --run or --until, in seconds.", valueName: "seconds"))
  var timeout = 600

  @Option(
    name: .customLong("image"),
    help: ArgumentHelp(
      "Start this export of the recipe or manifest. Default: the first disk or ISO image.",
      valueName: "export"))
  var export: String?

  @Option(
    help: ArgumentHelp(
      "If something is built, keep sources and results in this directory.", valueName: "dir"),
    completion: .directory)
  var store: String?

  @OptionGroup(title: "Options for a recipe") var recipe: RecipeOptions

  @Flag(name: .shortAndLong, help: "With --run or --screenshot, don't show the console.")
  var quiet = false

  func validate() throws {
    try hardware.validate()
    guard timeout > 0 else { throw ValidationError("--timeout must be greater than 0") }
    guard after ?? 0 >= 0 else { throw ValidationError("--after must not be negative") }
    if screenshot == nil, after != nil || until != nil {
      throw ValidationError("--after and --until need --screenshot: add --screenshot FILE")
    }
    if let screenshot, after == nil, until == nil {
      throw ValidationError(
        "when should '\(shown(screenshot))' be taken? Add --until 'login:' or --after 60")
    }
    if screenshot != nil, graphical || command != nil {
      throw ValidationError("--screenshot cannot be used with --graphical or --run")
    }
    if persist, isSource {
      throw ValidationError("--persist needs an image, not a recipe or a manifest: build it first")
    }
    if !isSource, export != nil || store != nil {
      throw ValidationError("--image and --store are only for a recipe or a manifest")
    }
    if !image.hasSuffix(".yml"), !image.hasSuffix(".yaml"), !recipe.words.isEmpty {
      throw ValidationError("--set and --allow are only for a recipe")
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
        cause: "this is not a desktop session: DISPLAY and WAYLAND_DISPLAY are not set",
        remedy: "leave out --graphical, or use --screenshot")
    }
    guard isSource else { return try start(image) }
    let build = try SourceBuild(
      of: image, recipe.words, store: store, on: hardware.architecture)
    defer { build.remove() }
    try start(build.image(named: export))
  }

  private func start(_ path: String) throws {
    // A key that systemd writes into /root would stay in an image that is kept.
    let shell = command == nil || persist ? nil : try SecureShell()
    if let shell { Interrupts.end { shell.remove() } }
    defer { shell?.remove() }
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
        "turn off", image, cause: "the machine did not shut down within two minutes",
        remedy: "shut it down from inside next time; what it had not written yet is lost")
    }
  }

  private func forwardings() throws -> [Network.Forwarding] {
    try ports.map { text in
      let numbers = text.split(separator: ":", omittingEmptySubsequences: false).map {
        Int($0) ?? 0
      }
      guard numbers.count == 2, numbers.allSatisfy({ 1...65535 ~= $0 }) else {
        throw ValidationError(
          "'\(shown(text))' is not a pair of ports: write 8080:80 for port 8080 of the host and"
            + " port 80 of the machine")
      }
      return Network.Forwarding(host: numbers[0], guest: numbers[1])
    }
  }
}
