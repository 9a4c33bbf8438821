import Files
import Glibc
import JSON
import Model
import Processes
import TestSupport

/// A folder with a store, the stages for tests, and what the runner gives out.
struct Scene: Sendable {
  var folder: String
  var store: String { folder + "/store" }
  var output: String { folder + "/out" }

  /// The folder of the programs that are tested: the one that the tests themselves are in.
  static let programs: String = {
    let own = (try? Files.linkTarget("/proc/self/exe")) ?? ""
    return String(own[..<(own.lastIndex(of: "/") ?? own.startIndex)])
  }()

  static func with<Result>(_ body: (Scene) throws -> Result) throws -> Result {
    try withTemporaryDirectory { folder in
      let program = try Files.read(programs + "/particle-stage-trial")
      try Files.makeDirectories(folder + "/stages")
      for name in ["trial-in", "trial-on"] {
        try Files.write(program, to: "\(folder)/stages/particle-stage-\(name)", mode: 0o755)
      }
      // Where a copy of the runner, for another user, finds it.
      try Files.write(
        try Files.read(programs + "/particle-init"), to: folder + "/stages/particle-init",
        mode: 0o755)
      return try body(Scene(folder: folder))
    }
  }

  /// The command line that runs a manifest here.
  func command(
    _ draft: Draft, _ options: [String] = [], environment: [String: String] = [:]
  ) throws -> Command {
    let name = "\(folder)/manifest-\(UInt32.random(in: .min ... .max)).json"
    try Files.write(Array(draft.text.utf8), to: name)
    var all = [
      "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "PARTICLE_STAGES": folder + "/stages",
    ]
    all.merge(environment) { $1 }
    return Command(
      [Self.programs + "/particle-run", name, "-o", output, "--store", store] + options,
      environment: all)
  }

  func run(
    _ draft: Draft, _ options: [String] = [], environment: [String: String] = [:]
  ) throws -> Command.Outcome {
    try command(draft, options, environment: environment).run()
  }

  /// The text of an output.
  func text(_ name: String) throws -> String { try Files.readText(output + "/" + name) }

  /// The listings of all layers, each without its first line.
  func listings() throws -> [String] {
    try Files.names(in: store + "/layers").map { name in
      let text = try Files.readText("\(store)/layers/\(name)/listing")
      return text.split(separator: "\n").dropFirst().joined(separator: "\n")
    }
  }

  /// The names of all layers and actions.
  func results() throws -> [String] {
    try Files.names(in: store + "/layers") + Files.names(in: store + "/actions")
  }
}

extension Command.Outcome {
  /// What the build said of its stages: `os/0 hit`.
  var fates: [String] {
    errorText.split(separator: "\n").filter { $0.hasPrefix("  ") && $0.contains("/") }.map { line in
      let words = line.split(separator: " ")
      return "\(words[0]) \(words[2])"
    }.sorted()
  }
}
