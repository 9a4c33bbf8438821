internal import Files
internal import Glibc
internal import Model
internal import Processes

/// apt with folders, settings and package lists of its own: it neither sees nor changes what is
/// installed on this machine, and needs no privileges.
struct Apt: ~Copyable {
  let archive: Archive
  let folder: String
  /// Held while the folder is in use.
  private let lock: FileDescriptor

  /// Prepares apt for an archive, in a folder of its own that stays in `cache`; waits while another
  /// process uses that.
  static func open(_ archive: Archive, cache: String) throws(Failure) -> Apt {
    let folder = try absolute(cache) + "/" + archive.name
    for part in ["lists/partial", "archives/partial", "empty.d", "sources.d", "keys"] {
      try Files.makeDirectories("\(folder)/\(part)")
    }
    // apt's own user has to come through, whatever the umask; nothing in them is a secret.
    for part in ["", "/lists", "/keys"] { chmod(folder + part, 0o755) }
    let lock = try FileDescriptor.open("\(folder)/lock", O_RDWR | O_CREAT)
    guard retrying({ flock(lock.raw, LOCK_EX) }) == 0 else { throw .system("lock", folder) }
    try renew("\(folder)/empty", "")
    for other in archive.further {
      guard let key = other.key, let name = other.keyFile else { continue }
      try renew("\(folder)/keys/\(name)", key)
    }
    try renew(
      "\(folder)/sources.d/archive.sources",
      archive.sources(keys: "\(here)/keys", keyring: try keyring(of: archive, for: folder)))
    // The host's proxies may have a password.
    try renew("\(folder)/apt.conf", Array(try settings(for: archive, in: folder).utf8), mode: 0o600)
    return Apt(archive: archive, folder: folder, lock: lock)
  }

  private init(archive: Archive, folder: String, lock: consuming FileDescriptor) {
    self.archive = archive
    self.folder = folder
    self.lock = lock
  }

  /// The folder as apt's programs find it, which are started in it: to apt's own user the folders above may be closed.
  static let here = "/proc/self/cwd"

  /// Copies the archive's keyring to where apt's own user can read it.
  ///
  /// - Returns: The copy's path; the keyring's own where there is none to copy, which `update` refuses.
  private static func keyring(of archive: Archive, for folder: String) throws(Failure) -> String {
    guard Files.exists(archive.keyring) else { return archive.keyring }
    var information = stat()
    guard stat(archive.keyring, &information) == 0, information.st_mode & S_IFMT == S_IFREG,
      information.st_size <= largestKeyring
    else {
      throw Failure(
        "use", "the keyring \(archive.keyring)",
        cause: "it is not a regular file of at most \(ByteCount(largestKeyring))",
        remedy: "correct 'keyring' in the recipe's base")
    }
    let bytes = try Files.read(archive.keyring)
    let name = Archive.fileName(ofKey: bytes)
    try renew("\(folder)/keys/\(name)", bytes)
    return "\(here)/keys/\(name)"
  }

  /// In bytes; Debian's own has some 60 000.
  private static let largestKeyring = 16 << 20

  /// Writes a file if it holds something else: apt builds its cache anew (a second) when one of its
  /// files is newer than that.
  private static func renew(_ path: String, _ bytes: [UInt8], mode: mode_t = 0o644)
    throws(Failure)
  {
    if Files.exists(path), try Files.read(path) == bytes,
      try Files.information(path).st_mode & 0o777 == mode
    {
      return
    }
    try Files.writeAtomically(bytes, to: path, mode: mode)
  }

  private static func renew(_ path: String, _ text: String) throws(Failure) {
    try renew(path, Array(text.utf8))
  }

  private static func absolute(_ path: String) throws(Failure) -> String {
    try Files.makeDirectories(path)
    guard let real = realpath(path, nil) else { throw .system("find", path) }
    defer { free(real) }
    return String(cString: real)
  }

  /// apt.conf(5): everything that would otherwise come from this machine is named here.
  private static func settings(for archive: Archive, in folder: String) throws(Failure)
    -> String
  {
    let own = [
      "Dir": folder, "Dir::Etc": folder, "Dir::Etc::Main": "\(folder)/empty",
      "Dir::Etc::Parts": "\(folder)/empty.d", "Dir::Etc::SourceList": "\(folder)/empty",
      "Dir::Etc::SourceParts": "\(folder)/sources.d", "Dir::Etc::Preferences": "\(folder)/empty",
      "Dir::Etc::PreferencesParts": "\(folder)/empty.d", "Dir::Etc::Trusted": "\(folder)/empty",
      "Dir::Etc::TrustedParts": "\(folder)/empty.d", "Dir::Etc::netrc": "/etc/apt/auth.conf",
      "Dir::Etc::netrcparts": "/etc/apt/auth.conf.d", "Dir::State": folder,
      "Dir::State::lists": "\(folder)/lists", "Dir::State::status": "\(folder)/empty",
      "Dir::State::extended_states": "\(folder)/extended_states", "Dir::Cache": folder,
      "Dir::Cache::archives": "\(folder)/archives", "Dir::Log": folder,
      "Dir::Log::Planner": "",
      "APT::Architecture": archive.architecture.rawValue,
      "APT::Architectures": archive.architectures.joined(separator: ","),
      "APT::Install-Recommends": "false",
      "APT::Install-Suggests": "false", "APT::Sandbox::User": AptUser.name(for: archive) ?? "root",
      "Acquire::Languages": "none", "Acquire::ForceHash": "SHA256", "Debug::NoLocking": "true",
      // Without this apt adds `apt` itself to what every system must have.
      "pkgCacheGen::ForceEssential": ",",
    ]
    let lines = own.sorted { $0.key < $1.key }.map { "\($0.key) \"\($0.value)\";" }
    return (lines + (try HostSettings.transport())).joined(separator: "\n") + "\n"
  }

  /// What apt sees: our PATH, home and proxies, and a fixed language.
  private static func environment(configuration: String?) -> [String: String] {
    var variables = ["LC_ALL": "C.UTF-8", "TZ": "UTC", "DEBIAN_FRONTEND": "noninteractive"]
    for name in [
      "PATH", "HOME", "TMPDIR", "http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy",
    ] {
      for name in [name, name.uppercased()] {
        if let value = getenv(name) { variables[name] = String(cString: value) }
      }
    }
    variables["APT_CONFIG"] = configuration
    return variables
  }

  /// Runs one of apt's programs with these settings.
  func run(_ arguments: [String]) throws(Failure) -> Command.Outcome {
    try Self.run(arguments, configuration: "\(folder)/apt.conf", in: folder)
  }

  /// Runs one of apt's programs with this host's settings, to ask for them.
  static func ofHost(_ arguments: [String]) throws(Failure) -> Command.Outcome {
    try run(arguments, configuration: nil, in: nil)
  }

  private static func run(_ arguments: [String], configuration: String?, in folder: String?)
    throws(Failure) -> Command.Outcome
  {
    let environment = environment(configuration: configuration)
    let command = Command(arguments, environment: environment, directory: folder)
    do { return try command.run() } catch {
      throw Failure(
        "run", arguments[0], cause: error.cause,
        remedy:
          "install apt, which resolves packages, or compile on a Debian machine and run the"
          + " manifest here"
      )
    }
  }

  /// The first words of `apt-get --version`: "2.6.1".
  func version() throws(Failure) -> String {
    let words = try run(["apt-get", "--version"]).text.split(whereSeparator: \.isWhitespace)
    return words.count > 1 ? String(words[1]) : "unknown"
  }

  /// Removes all that was fetched and made of it.
  func forget() throws(Failure) {
    for name in ["lists", "answers", "pkgcache.bin", "srcpkgcache.bin"] {
      try Files.removeTree("\(folder)/\(name)")
    }
    try Files.makeDirectories("\(folder)/lists/partial")
  }

  /// The names of the files that `apt-get update` fetched.
  func lists() throws(Failure) -> [String] { try Files.names(in: "\(folder)/lists") }

  func list(_ name: String) throws(Failure) -> String {
    try Files.readText("\(folder)/lists/\(name)")
  }
}
