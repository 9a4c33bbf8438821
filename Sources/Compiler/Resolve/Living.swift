internal import Model

extension Image {
  /// Whether a machine starts from it.
  var boots: Bool { boot != nil || hasLiveSystem || ostree != nil }
}

extension Recipe {
  /// Whether one of its images is for a machine: it starts from it, or by a kernel that comes from elsewhere.
  var makesMachine: Bool { images.contains { $0.value.boots || $0.value.hasDisk } }
}

/// Refuses an image that boots to a kernel that has nothing to start.
func refuseMissingInit(_ recipe: Recipe, _ system: PackageSet, on architecture: Architecture)
  throws(ResolveError)
{
  // Those that have a package with /sbin/init in Debian.
  let inits = ["systemd-sysv", "sysvinit-core", "runit-init", "finit-sysv", "dinit-sysv"]
  guard system.names(on: architecture).isDisjoint(with: inits) else { return }
  // A package of somebody else may have one, and so may a script's system.
  let hasOthers = recipe.packageModules.contains { !$0.files.isEmpty || !$0.repositories.isEmpty }
  let isNamed = recipe.completeImages.contains { image in
    image.boot?.arguments(on: architecture).split(separator: " ").contains {
      $0.starts(with: "init=")
    } ?? false
  }
  if hasOthers || isNamed { return }
  let missing = recipe.images.filter(\.value.boots).map { image in
    Diagnostic(
      "the image '\(image.value.name)' cannot boot: no package contains an init, the first process",
      at: image.value.boot?.mark ?? image.mark, path: "images",
      remedy:
        "add systemd-sysv to a packages module, or name the program to start with 'init=' in the"
        + " command-line of a kernel module"
    )
  }
  if !missing.isEmpty { throw .refusal(Refusal(diagnostics: missing)) }
}

/// What a system that boots lacks, though it can do without: warnings.
func missingForLife(_ recipe: Recipe, _ system: PackageSet, on architecture: Architecture)
  -> [Diagnostic]
{
  guard let image = recipe.images.first(where: \.value.boots) else { return [] }
  let names = system.names(on: architecture)
  let wanted = [
    ("udev", "nothing will create device nodes or load drivers"),
    ("login", "nobody will be able to log in at the console"),
  ]
  return wanted.filter { !names.contains($0.0) }.map { name, consequence in
    Diagnostic(
      "the image '\(image.value.name)' will boot without the package \(name): \(consequence)",
      at: image.value.boot?.mark ?? image.mark, path: "images",
      remedy: "add \(name) to a packages module", severity: .warning)
  }
}

extension PackageRequest {
  /// Keeps to the essential packages where the recipe names no variant and its lock was made when there was
  /// no other.
  ///
  /// - Returns: Whether it does.
  mutating func keepVariant(of settings: ResolveSettings, named: DebianBase.Variant?) -> Bool {
    guard variant != .essential, named == nil, settings.update != .all,
      let kept = settings.lock?.lock?.pipelines["os"]?.question, kept.variant == nil
    else { return false }
    variant = .essential
    return true
  }
}

/// The warning about a lock from before images that boot had more than the essential packages.
func olderVariant(than recipe: Recipe) -> Diagnostic {
  Diagnostic(
    "the lock dates from a version that gave images that boot only the essential packages; they"
      + " now also get the required ones (login, mount, passwd, tzdata …), netbase, iputils-ping"
      + " and procps",
    at: recipe.images.first(where: \.value.boots)?.mark, path: "base",
    remedy:
      "resolve all packages again, --update without names, or write 'variant: essential' in the"
      + " base to keep the old set",
    severity: .warning)
}
