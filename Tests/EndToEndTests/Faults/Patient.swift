import Files
import Glibc
import JSON
import Model
import Processes
import TestSupport
import Testing

/// A real build that is hurt again and again, and must give the same each time.
struct Patient: Sendable {
  let folder: String
  let manifest: String
  /// What every export and every stage's layer is when nothing happens to it.
  let result: Outcome
  /// How long that takes, in milliseconds, with all downloads there.
  let milliseconds: Int
  /// What the store takes with the downloads alone, and in the end, in MiB.
  let downloads: Int
  let whole: Int

  var store: String { folder + "/store" }

  private static let folder = "/tmp/particle-faults-\(getpid())"

  /// The digests of a build, by what they are of.
  typealias Outcome = [String: String]

  static let shared = Result { () throws(Failure) in try Patient() }

  private init() throws(Failure) {
    // In memory, so that hundreds of builds do not wait for a disk.
    folder = Self.folder
    try Files.makeDirectories(folder)
    try tool(["mount", "-t", "tmpfs", "-o", "size=3g", "none", folder], from: "mount")
    atexit {
      _ = try? tool(["umount", "--lazy", Patient.folder], from: "mount")
      rmdir(Patient.folder)
    }
    manifest = folder + "/faults.json"
    let recipe = Places.repository + "/Tests/EndToEndTests/Recipes/faults.yml"
    _ = try succeeding(["particle-compile", recipe, "-o", manifest])
    let store = folder + "/store"
    let out = folder + "/out"
    let words = ["particle-run", manifest, "--store", store, "-o", out, "--json"]
    result = try Self.outcome(try succeeding(words))
    whole = try Self.room(store)
    try Self.reset(store)
    downloads = try Self.room(store)
    let began = ContinuousClock.now
    _ = try succeeding(words)
    milliseconds = Int((ContinuousClock.now - began) / .milliseconds(1))
  }

  /// The command line that builds with a store.
  func command(_ store: String, out: String = "out") throws(Failure) -> [String] {
    [
      try Places.program("particle-run"), manifest, "--store", store, "-o", "\(folder)/\(out)",
      "--json",
    ]
  }

  /// What a folder takes, in MiB.
  private static func room(_ folder: String) throws(Failure) -> Int {
    let said = try tool(["du", "--summarize", "--block-size=1M", folder], from: "coreutils")
    guard let size = said.split(separator: "\t").first.flatMap({ Int($0) }) else {
      throw Failure("read", "what du says of '\(folder)'", cause: said)
    }
    return size
  }

  /// Leaves nothing but the downloads.
  static func reset(_ store: String) throws(Failure) {
    for name in try Files.names(in: store) where name != "sources" {
      try Files.removeTree("\(store)/\(name)")
    }
  }

  static func outcome(_ json: String) throws(Failure) -> Outcome {
    let report: Node
    do { report = try JSON.parse(Array(json.utf8), file: "report", allowsDecimals: true) } catch {
      throw Failure("read", "particle-run --json", cause: error.problem)
    }
    var outcome: Outcome = [:]
    for stage in report["stages"]?.items ?? [] {
      let place = "\(stage["pipeline"]?.text ?? "")/\(stage["index"]?.number ?? -1)"
      outcome[place] = stage["output"]?.text
    }
    for export in try Report(json).exports { outcome[export.name] = export.sha256 }
    return outcome
  }

  /// Downloads what is missing, by a build that needs it all.
  func fetch() throws(Failure) {
    try Files.removeTree(store + "/actions")
    _ = try succeeding(["particle-run", manifest, "--store", store, "-o", folder + "/out"])
  }

  /// Builds, which has to succeed with the same as ever and leave a clean store.
  func heals(_ comment: String, in store: String? = nil) throws(Failure) {
    let store = store ?? self.store
    let words = ["particle-run", manifest, "--store", store, "-o", folder + "/out", "--json"]
    let built = try particle(words + ["--offline"])
    #expect(built.ending == .exit(0), "\(comment): \(built.said)")
    guard built.ending.isSuccess else { return }
    #expect(try Self.outcome(built.output) == result, "\(comment)")
    let verified = try particle(["particle", "store", "verify", "--store", store])
    #expect(verified.ending == .exit(0), "\(comment): \(verified.said)")
    for name in ["tmp", "runs"] {
      #expect(try Files.names(in: "\(store)/\(name)") == [], "\(comment)")
    }
  }
}
