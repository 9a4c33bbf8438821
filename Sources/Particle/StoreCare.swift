internal import ArgumentParser
internal import Files
internal import Model
internal import Runner
internal import Usage

/// The commands `particle store …`.
struct StoreCare: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "store", abstract: "Manage the store, which keeps sources and results.",
    subcommands: [Info.self, Collect.self, Verify.self])

  /// What all of them take.
  struct Place: ParsableArguments {
    @Option(
      help: ArgumentHelp(
        "The store's directory. Default: PARTICLE_STORE, or what particle-run uses.",
        valueName: "dir"))
    var store: String?

    /// Opens it as the one whose files it has.
    func open() throws -> Store {
      let store = try existing()
      try Host.prepareForStore()
      try store.prepare()
      return store
    }

    /// The store, which is there already.
    func existing() throws -> Store {
      let store = Store(root: try Store.root(store))
      guard store.exists else {
        throw Failure(
          "open", "the store \(store.root)",
          cause: Files.exists(store.root)
            ? "it is not a store, or this user may not read it" : "it does not exist",
          remedy: "name it with --store, or PARTICLE_STORE")
      }
      return store
    }
  }
}

extension StoreCare {
  /// The command `particle store info`.
  struct Info: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show what is in the store.")

    @OptionGroup var place: Place

    func run() throws {
      let store = try place.open()
      let inventory = try Inventory(of: store)
      Output.results.write(inventory.summary(root: store.root, limit: try store.limit(nil)))
    }
  }

  /// The command `particle store gc`.
  struct Collect: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "gc", abstract: "Remove the least recently used objects.",
      discussion: "Objects in use by a running build are never removed.")

    @OptionGroup var place: Place

    @Option(
      help: ArgumentHelp(
        "Shrink the store to this size, such as 20GiB. Default: its limit.", valueName: "size"))
    var size: ByteSize?

    @Flag(help: "Remove everything that no running build uses.")
    var all = false

    func validate() throws {
      if all, size != nil { throw ValidationError("--all and --size cannot be used together") }
    }

    func run() throws {
      let store = try place.open()
      let limit = all ? 0 : try store.limit(size).bytes
      let outcome = try Eviction(from: store).shrink(to: limit)
      let left = try Eviction(from: store).removeLeft()
      for failure in outcome.left + left { Output.results.write("warning: \(failure)\n") }
      Output.results.write(
        "removed \(counted(outcome.removed, "object")), \(ByteCount(outcome.freed));"
          + " the store takes \(ByteCount(outcome.size))\n")
    }
  }

  /// The command `particle store verify`.
  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check all sources and layers, and remove damaged ones.",
      discussion: """
        The next build downloads or rebuilds whatever was removed.

        Exit status: 0 nothing is damaged, 1 something was damaged.
        """)

    @OptionGroup var place: Place

    func run() throws {
      let store = try place.open()
      let verification = try Verification(of: store)
      for damage in verification.damages {
        Output.results.write("damaged: \(damage.object.name)\n")
        for flaw in damage.flaws { Output.results.write("  \(flaw)\n") }
      }
      let damaged = verification.damages.map(\.object)
      let kept = damaged.isEmpty ? [] : try Eviction(from: store).remove(damaged)
      for object in kept {
        Output.results.write("in use by a running build, verify again later: \(object.name)\n")
      }
      Output.results.write(
        "\(counted(verification.sources, "source")) and \(counted(verification.layers, "layer")) read,"
          + " \(damaged.count) damaged, \(damaged.count - kept.count) removed\n")
      if !damaged.isEmpty { throw ExitCode(1) }
    }
  }
}
