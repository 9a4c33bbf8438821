internal import ArgumentParser
internal import Boot
internal import Model

/// What a virtual machine is made of, for every verb that starts one.
struct HardwareOptions: ParsableArguments {
  @Option(
    name: .customLong("arch"),
    help: ArgumentHelp(
      "The image's architecture: amd64 or arm64. Default: this machine's.", valueName: "arch"))
  var architecture: Architecture = .own ?? .amd64

  @Option(
    help: """
      The firmware that starts the boot loader: bios, uefi or secure-boot (UEFI that starts only \
      signed code). Default: bios if the architecture has it and the image can start by it, otherwise \
      uefi.
      """)
  var firmware: Firmware?

  @Option(
    name: .customLong("as"),
    help: ArgumentHelp(
      "Attach the image as a disk or cdrom. Default: cdrom for an ISO image, otherwise disk.",
      valueName: "drive"))
  var drive: Drive?

  @Option(help: ArgumentHelp("The machine's memory in MiB.", valueName: "mib"))
  var memory = 1024

  @Option(help: ArgumentHelp("How many processors the machine has.", valueName: "count"))
  var processors = 2

  func validate() throws {
    guard memory > 0 else { throw ValidationError("--memory must be greater than 0") }
    guard processors > 0 else { throw ValidationError("--processors must be greater than 0") }
  }

  /// Starts a machine with it.
  func machine(
    _ image: String, seed: String? = nil, network: Network = .none, display: Display = .none,
    credentials: [String: String] = [:], isPersistent: Bool = false, restarts: Bool = false,
    echo: @escaping (ArraySlice<UInt8>) -> Void
  ) throws(Failure) -> Machine {
    try Machine(
      image: image, as: drive, architecture: architecture, firmware: firmware, seed: seed,
      network: network, display: display, credentials: credentials, memory: memory,
      processors: processors, isPersistent: isPersistent, restarts: restarts, echo: echo)
  }
}

extension Architecture: ExpressibleByArgument {}
extension Drive: ExpressibleByArgument {}
extension Firmware: ExpressibleByArgument {}
