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
      network. Exit status: 0 the text appeared, 1 it did not, 2 the command line is wrong.
      """)

  @Argument(
    help: "A disk image (raw, qcow2, vmdk, vdi, vhdx or vhd), or an ISO.", completion: .file())
  var image: String

  @OptionGroup(title: "Hardware") var hardware: HardwareOptions

  @Option(help: "How long to wait, in seconds.")
  var timeout = 300

  @Option(help: "The text on the console that ends the wait.")
  var until = "login:"

  @Flag(name: .shortAndLong, help: "Don't show the console.")
  var quiet = false

  func validate() throws {
    try hardware.validate()
    guard timeout > 0 else { throw ValidationError("--timeout has to be more than 0") }
    guard !until.isEmpty else { throw ValidationError("--until needs a text") }
  }

  func run() throws {
    let begin = ContinuousClock.now
    // A file gets what came; a terminal must not obey an image that is only looked at.
    var filter = isatty(1) == 1 ? ConsoleFilter() : nil
    let machine = try hardware.machine(image) { bytes in
      if quiet { return }
      Output.results.write(filter?.shown(bytes)[...] ?? bytes)
    }
    try machine.expect(until, within: timeout)
    let tenths = Int((ContinuousClock.now - begin) / .milliseconds(100))
    Output.results.write(
      (quiet ? "" : "\n")
        + "particle: “\(until)” after \(tenths / 10).\(tenths % 10) s (\(hardware.chosenFirmware.rawValue))\n"
    )
  }
}
