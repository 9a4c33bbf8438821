import Boot
import Files
import Glibc
import Model
import TestSupport
import Testing

/// A template on its way through a machine's life: built, booted, used, aged.
struct Template: Sendable, CustomTestStringConvertible {
  var name: String
  var image = "disk.raw"
  var firmware = Firmware.bios
  var memory = 1024
  /// Who logs in, with the password `particle`.
  var user = "admin"
  /// For the record: what was seen of it.
  var use = ""
  /// Commands of whoever is logged in, and the last line of what each answers.
  var answers: [(command: String, answer: String)] = []

  var testDescription: String { name }

  /// Whether it is one of those that PARTICLE_TEST_TEMPLATES names, separated by commas; all are, where that is not set.
  var isAsked: Bool { Self.isAsked(name) }

  static func isAsked(_ name: String) -> Bool {
    guard let names = getenv("PARTICLE_TEST_TEMPLATES").map({ String(cString: $0) }) else {
      return true
    }
    return names.split(separator: ",").contains { $0 == name }
  }

  private var folder: String { "\(scratch)/templates/\(name)" }

  /// Builds it in a store of its own.
  ///
  /// - Parameters:
  ///   - exports: What is built; nothing for all of it.
  ///   - kernel: The package to take in place of the kernel for virtual machines.
  /// - Returns: The folder of what came out.
  /// - Throws: When it can't be built.
  func build(only exports: [String] = [], kernel: String? = nil) throws -> String {
    let place = try Chain.shared.get().first.separate(in: "templates/\(name)")
    var recipe = "\(Places.repository)/recipes/\(name).yml"
    if let kernel {
      try tool(["cp", "-r", "\(Places.repository)/recipes/.", folder], from: "coreutils")
      recipe = "\(folder)/\(name).yml"
      let text = try Files.readText(recipe).replacing("linux-image-cloud-amd64", with: kernel)
      try Files.write(Array(text.utf8), to: recipe)
    }
    _ = try succeeding(["particle-compile", recipe, "-o", "\(folder).json"])
    _ = try place.run("\(folder).json", "particle-run of the template \(name)", only: exports)
    // The images are all that is used from here on.
    try Files.removeTree(place.store)
    return place.out
  }

  /// Removes what was built.
  func remove() { try? Files.removeTree(folder) }

  /// Starts what was built, and logs in on the console.
  func start(_ folder: String, network: Network = .user(forwarding: []), display: Display = .none)
    throws -> Machine
  {
    let later = FullTest.isOn ? try LaterKernel.shared.get() : nil
    let machine = try Machine(
      image: "\(folder)/\(image)", firmware: firmware, further: later.map { [$0.disk] } ?? [],
      network: network, display: display, memory: memory, restarts: FullTest.isOn)
    try logIn(to: machine)
    return machine
  }

  func logIn(to machine: Machine) throws {
    try machine.logIn(user: user, password: "particle", within: 1200)
    try machine.quieten()
  }

  /// What is asked answers as it should.
  func expectAnswers(of machine: Machine) throws {
    for (command, wanted) in answers {
      let answer = try machine.run(command, within: 1800)
      let last = answer.output.split(separator: "\n").last ?? ""
      try #require(answer.status == 0 && last == wanted, "\(command)\n\(answer.output)")
    }
  }

  /// apt brings a later kernel and takes away the one before: the machine starts with it, as well as ever.
  func age(_ machine: Machine) throws {
    let later = try LaterKernel.shared.get()
    let before = try machine.answer("uname -r")
    try #require(before != later.name)
    let apt = "DEBIAN_FRONTEND=noninteractive apt-get --yes -o Dpkg::Use-Pty=0"
    _ = try machine.answerAsRoot(
      "mount -o ro LABEL=\(LaterKernel.label) /mnt && \(apt) install --no-install-recommends /mnt/*.deb"
    )
    try machine.send("printf 'particle\\n' | sudo -S -p '' systemctl reboot")
    try logIn(to: machine)
    try #require(try machine.answer("uname -r") == later.name)
    _ = try machine.answerAsRoot("\(apt) purge linux-image-\(before)")
    try #require(try machine.answer("ls /boot | sed -n 's/^vmlinuz-//p'") == later.name)
    try machine.expectRunning()
    try #require(try machine.answer("dpkg --audit") == "")
    try proveAged(
      "apt brought another kernel and took the first away: started with it, all units running")
  }

  /// Keeps a row of docs/proofs.md: that it was built, booted and used.
  func prove(booted: String? = nil) throws {
    try FullTest.prove(
      "templates", [name, image, booted ?? "by \(firmware.name)", use], key: 1)
  }

  /// Keeps what came of it later for that row.
  func proveAged(_ how: String) throws {
    try FullTest.prove("templates-aged", [name, how], key: 1)
  }
}
