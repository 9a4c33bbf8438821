internal import ArgumentParser
internal import Boot
internal import Model

/// What a virtual machine is made of, for every verb that starts one.
struct HardwareOptions: ParsableArguments {
  @Option(
    name: .customLong("arch"),
    help: "What the image is for: amd64 or arm64; without it, what this machine is.")
  var architecture: Architecture = .own ?? .amd64

  @Option(
    help: """
      What looks for the boot loader: bios, uefi, or secure-boot, which is UEFI that starts only \
      what is signed; without it, bios where there is one.
      """)
  var firmware: Firmware?

  @Option(
    name: .customLong("as"),
    help: "How the machine has the image: disk or cdrom; without it, cdrom for an ISO, else disk.")
  var drive: Drive?

  @Option(help: "The machine's memory, in MiB.")
  var memory = 1024

  @Option(help: "How many processors the machine has.")
  var processors = 2

  func validate() throws {
    guard memory > 0 else { throw ValidationError("--memory has to be more than 0") }
    guard processors > 0 else { throw ValidationError("--processors has to be more than 0") }
  }

  /// What looks for the boot loader, said or not.
  var chosenFirmware: Firmware { firmware ?? .usual(on: architecture) }

  /// Starts a machine with it.
  func machine(
    _ image: String, seed: String? = nil, network: Network = .none, display: Display = .none,
    credentials: [String: String] = [:], isPersistent: Bool = false, restarts: Bool = false,
    echo: @escaping (ArraySlice<UInt8>) -> Void
  ) throws(Failure) -> Machine {
    try Machine(
      image: image, as: drive, architecture: architecture, firmware: chosenFirmware, seed: seed,
      network: network, display: display, credentials: credentials, memory: memory,
      processors: processors, isPersistent: isPersistent, restarts: restarts, echo: echo)
  }
}

extension Architecture: ExpressibleByArgument {}
extension Drive: ExpressibleByArgument {}
extension Firmware: ExpressibleByArgument {}
