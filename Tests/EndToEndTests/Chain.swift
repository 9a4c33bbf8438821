internal import Files
internal import Glibc
internal import JSON
internal import Model
internal import Processes
internal import Synchronization
internal import TestSupport

/// Where all that these tests build is; emptied before its first use, and at the end.
let scratch: String = {
  let folder = Places.repository + "/.build/end-to-end"
  do throws(Failure) {
    try Files.removeTree(folder)
    try Files.makeDirectories(folder)
  } catch { fatalError("\(error)") }
  atexit { try? Files.removeTree(Places.repository + "/.build/end-to-end") }
  return folder
}()

/// The expensive part, done once: `recipes/minimal.yml` compiled twice and built twice.
struct Chain: Sendable {
  /// What a place that builds has of its own.
  struct Place: Sendable {
    var store: String
    var out: String
    /// Starts a program as it is started in this place.
    var prefix: [String]
    var options: [String]
    /// Who builds there.
    var user: uid_t = 0
  }

  /// The texts of two compilations.
  let manifests: [String]
  let manifestPath: String
  let first: Place
  /// A place where nothing is as in the first, but for the downloads: it is an ordinary user's.
  let second: Place
  /// What `particle-run --json` said in the first place: at first, and again.
  let reports: [Report]

  static let shared = Result { () throws(Failure) in try Chain() }

  private init() throws(Failure) {
    let recipe = Places.repository + "/recipes/minimal.yml"

    var manifests: [String] = []
    for elsewhere in [["env", "TZ=UTC"], Self.elsewhere] {
      try timed("particle-compile recipes/minimal.yml") { () throws(Failure) in
        manifests.append(try succeeding(["particle-compile", recipe], through: elsewhere))
      }
    }
    self.manifests = manifests
    manifestPath = scratch + "/minimal.json"
    try Files.write(Array(manifests[0].utf8), to: manifestPath)

    first = Place(store: scratch + "/store-1", out: scratch + "/out-1", prefix: [], options: [])
    second = Place(
      store: scratch + "/store-2", out: scratch + "/out-2", prefix: try Self.asUser(),
      options: ["-j", "3"], user: Self.user)
    reports = [
      try first.run(manifestPath, "particle-run, empty store"),
      try first.run(manifestPath, "particle-run, nothing to do"),
    ]
    try second.shareDownloads(of: first)
    _ = try second.run(manifestPath, "particle-run, another empty store, elsewhere")
  }

  /// Another time zone, language, umask, host name, user's home and working directory.
  private static let elsewhere =
    [
      "unshare", "--uts", "sh", "-c",
      "hostname elsewhere.example && umask 077 && cd /usr/share && exec \"$@\"", "sh",
    ] + environment

  private static let environment = [
    "env", "TZ=Asia/Tokyo", "LANG=de_DE.UTF-8", "LC_ALL=C.UTF-8", "HOME=/nonexistent",
    "SOURCE_DATE_EPOCH=1",
  ]

  private static let user: uid_t = 4242

  /// The same, and as an ordinary user with subordinate ids, whom only the command sees.
  ///
  /// The user sees the programs and what was built at their places, wherever the repository is.
  private static func asUser() throws(Failure) -> [String] {
    try Files.write(
      Array("ann:x:\(user):\(user)::/nonexistent:/bin/sh\n".utf8), to: scratch + "/users")
    try Files.write(Array("ann:300000:65536\n".utf8), to: scratch + "/ids")
    let top = "/" + (scratch.split(separator: "/").first ?? "")
    let script = """
      hostname elsewhere.example
      mount --bind "$1/users" /etc/passwd
      touch /etc/subuid /etc/subgid
      mount --bind "$1/ids" /etc/subuid
      mount --bind "$1/ids" /etc/subgid
      mount -t tmpfs -o mode=755 tmpfs /mnt
      mkdir /mnt/1 /mnt/2
      mount --bind "$1" /mnt/1
      mount --bind "$2" /mnt/2
      mount -t tmpfs -o mode=755 tmpfs \(top)
      umask 022
      mkdir -p "$1" "$2"
      mount --bind /mnt/1 "$1"
      mount --bind /mnt/2 "$2"
      umask 077
      cd /usr/share
      shift 2
      exec setpriv --reuid=\(user) --regid=\(user) --clear-groups "$@"
      """
    return [
      "unshare", "--uts", "--mount", "sh", "-euc", script, "sh", scratch, try Places.products(),
    ] + environment
  }
}

extension Chain.Place {
  /// Builds what a manifest exports: all of it, or only what is named.
  func run(_ manifest: String, _ what: String, only names: [String] = []) throws(Failure) -> Report
  {
    try timed(what) { () throws(Failure) in
      try own(store)
      try own(out)
      // One with hashes of passwords is readable for whoever compiled it alone.
      guard user == 0 || chmod(manifest, 0o644) == 0 else { throw .system("hand over", manifest) }
      return try Report(
        try succeeding(
          ["particle-run", manifest, "--store", store, "-o", out, "--json"] + options
            + names.flatMap { ["--export", $0] },
          through: prefix))
    }
  }

  /// Gives this place the downloads of another, so that the network is used once.
  ///
  /// A store without them would fetch the same bytes again: they are known by their digests,
  /// which are checked when a stage uses them.
  func shareDownloads(of other: Self) throws(Failure) {
    let (from, to) = (other.store + "/sources/.", store + "/sources")
    try own(store)
    try own(to)
    if user == other.user {
      try tool(["cp", "-alf", from, to], from: "coreutils")
    } else {
      try tool(["cp", "-ru", from, to], from: "coreutils")
      try tool(["chown", "-R", "\(user):\(user)", to], from: "coreutils")
    }
  }

  /// A place of the same user with a store of its own, which has the downloads of this one.
  ///
  /// - Parameter folder: Where it is, in `scratch`; the suite that builds there removes it with
  ///   `.removing`.
  /// - Returns: The place.
  /// - Throws: When it cannot be made.
  func separate(in folder: String) throws(Failure) -> Self {
    var place = self
    let name = user == 0 ? "here" : "elsewhere"
    place.store = "\(scratch)/\(folder)/\(name)-store"
    place.out = "\(scratch)/\(folder)/\(name)"
    try place.shareDownloads(of: self)
    return place
  }

  /// Makes a folder that is this place's user's.
  private func own(_ folder: String) throws(Failure) {
    try Files.makeDirectories(folder)
    guard chown(folder, user, user) == 0 else { throw .system("give away", folder) }
  }
}

/// Both places of the chain again, with stores of their own for what one suite builds.
struct Pair: Sendable {
  let folder: String
  private let places: [Chain.Place]

  /// - Parameter folder: Where both are, in `scratch`.
  /// - Throws: When they cannot be made.
  init(in folder: String) throws(Failure) {
    let chain = try Chain.shared.get()
    self.folder = "\(scratch)/\(folder)"
    places = [try chain.first.separate(in: folder), try chain.second.separate(in: folder)]
  }

  /// Builds what a manifest exports, or only what is named, in both places at the same time.
  ///
  /// The second place's store is gone then.
  ///
  /// - Returns: The two folders of what came out.
  func build(_ manifest: String, as name: String, only names: [String] = []) throws(Failure)
    -> [String]
  {
    let folders = (1...places.count).map { "\(folder)/\(name)-\($0)" }
    let outcomes = Mutex([Int: Result<Report, Failure>]())
    for (index, var place) in places.enumerated() {
      place.out = folders[index]
      // Systems as directories have programs that give rights, and go only where nobody else can run them.
      try Files.makeDirectories(place.out)
      guard chmod(place.out, 0o700) == 0 else { throw .system("close", place.out) }
      startThread { [place] in
        let outcome = Result { () throws(Failure) in
          try place.run(manifest, "particle-run of \(name), place \(index + 1)", only: names)
        }
        outcomes.withLock { $0[index] = outcome }
      }
    }
    while outcomes.withLock(\.count) < places.count { usleep(50_000) }
    for outcome in outcomes.withLock(\.self).values { _ = try outcome.get() }
    // Nothing but what came out is compared, and two stores of images fill a disk.
    try Files.removeTree(places[1].store)
    return folders
  }

  /// Compiles a recipe of this folder's, and builds it in both places.
  func build(recipe name: String, only names: [String] = []) throws(Failure) -> [String] {
    let manifest = "\(folder)/\(name).json"
    let recipe = Places.repository + "/Tests/EndToEndTests/Recipes/\(name).yml"
    _ = try succeeding(["particle-compile", recipe, "-o", manifest])
    return try build(manifest, as: name, only: names)
  }
}

/// Does something long, and says how long it took.
private func timed<Result>(_ what: String, _ body: () throws(Failure) -> Result) throws(Failure)
  -> Result
{
  let begin = ContinuousClock.now
  let result = try body()
  print("  \(what): \((ContinuousClock.now - begin) / .seconds(1)) s")
  return result
}
