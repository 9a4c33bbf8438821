internal import Model
internal import StageContracts

extension Recipe {
  private var filesModules: [FilesModule] { modules.all(FilesModule.self).map(\.value) }

  /// Whether the recipe brings an /etc/fstab of its own.
  func hasMountTable(_ contents: Contents) -> Bool {
    filesModules.contains { $0.text(at: "/etc/fstab", contents) != nil }
  }

  /// Files of the recipe, where the build removes what it finds.
  func keptFiles(_ contents: Contents) -> [String] {
    let paths = filesModules.flatMap { $0.places(contents) }.map(\.value)
    return Set(paths.filter(Normalise.reaches).map { ByteString($0) }).sorted().compactMap(\.text)
  }

  /// Reports files that the build would write anew, or empty.
  func refuseLostFiles(_ contents: Contents, _ problems: inout Problems) {
    for module in filesModules {
      for place in module.places(contents) {
        refuseIdentity(place, module, contents, &problems)
        refuseMenu(place, &problems)
        refuseSettings(place, module, contents, &problems)
      }
      if let table = module.text(at: "/etc/fstab", contents) { refuse(mounts: table, &problems) }
    }
  }

  private func refuseIdentity(
    _ place: Located<String>, _ module: FilesModule, _ contents: Contents,
    _ problems: inout Problems
  ) {
    let remedy: String
    switch place.value {
    case "/etc/machine-id":
      if module.text(at: place.value, contents)?.value == "" { return }
      remedy =
        "remove it; the kernel argument systemd.machine_id= sets the ID of a single machine"
    case "/var/lib/dbus/machine-id": remedy = "remove it: it is a link to /etc/machine-id"
    case "/var/lib/systemd/random-seed": remedy = "remove it: systemd creates it at the first boot"
    case "/etc/.updated", "/var/.updated": remedy = "remove it: the build writes it"
    default: return
    }
    problems.report(
      "\(place.value) cannot be part of an image: it must be unique to each machine",
      at: place.mark,
      remedy: remedy)
  }

  private func refuseMenu(_ place: Located<String>, _ problems: inout Problems) {
    guard ["/boot/grub/custom.cfg", "/boot/grub/grub.cfg"].has(place.value) else { return }
    guard let image = images.first(where: { $0.value.boot?.loader == .grub })?.value else { return }
    let isMenu = place.value.ends(with: "/grub.cfg")
    problems.report(
      isMenu
        ? "\(place.value) is written by the build"
        : "the image's menu does not read \(place.value)",
      at: place.mark,
      remedy:
        "remove it; set 'timeout', 'command-line' and 'console' of the image '\(image.name)'"
        + " instead"
    )
  }

  /// Reports settings of GRUB's that only `update-grub` would take, on the machine: the image's menu has the image's.
  private func refuseSettings(
    _ place: Located<String>, _ module: FilesModule, _ contents: Contents,
    _ problems: inout Problems
  ) {
    let isSettings =
      place.value == "/etc/default/grub"
      || place.value.begins(with: "/etc/default/grub.d/") && place.value.ends(with: ".cfg")
    guard isSettings, let text = module.text(at: place.value, contents)?.value,
      let image = images.first(where: { $0.value.boot?.loader == .grub })?.value
    else { return }
    var told: Set<ByteString> = []
    for line in text.split(separator: "\n") {
      let words = line.split { " \t=".contains($0) }.map(String.init)
      guard let name = words.first(where: { $0 != "export" }), let key = Self.keys[name],
        told.insert(ByteString(key)).inserted
      else { continue }
      problems.report(
        "the image's menu does not take \(name) from \(place.value)", at: place.mark,
        remedy: "remove it there; set '\(key)' of the image '\(image.name)' instead, which later"
          + " kernels get, too")
    }
  }

  /// The image's key for a setting of GRUB's.
  private static let keys = [
    "GRUB_TIMEOUT": "timeout", "GRUB_TIMEOUT_STYLE": "timeout",
    "GRUB_CMDLINE_LINUX": "command-line", "GRUB_CMDLINE_LINUX_DEFAULT": "command-line",
    "GRUB_TERMINAL": "console", "GRUB_TERMINAL_INPUT": "console",
    "GRUB_TERMINAL_OUTPUT": "console", "GRUB_SERIAL_COMMAND": "console",
  ]

  /// Reports lines of fstab(5) that cannot be, and mount points that a partition has.
  private func refuse(mounts table: Located<String>, _ problems: inout Problems) {
    let lines = table.value.parts(at: "\n", keepingEmpty: true)
    for (number, line) in lines.enumerated() {
      let fields = line.split { $0 == " " || $0 == "\t" }.map(String.init)
      guard let first = fields.first, !first.begins(with: "#") else { continue }
      let place = "line \(number + 1) of /etc/fstab"
      guard fields.count >= 3 else {
        problems.report(
          "\(place) has fewer than three fields: '\(line.shortened)'", at: table.mark,
          remedy: "write the device, the mount point and the type: tmpfs /srv tmpfs defaults 0 0")
        continue
      }
      if fields[2] == "swap", first.begins(with: "/"), !first.begins(with: "/dev/") {
        problems.report(
          "\(place) swaps to the file '\(first)', whose blocks an image does not keep: all its zeros are holes",
          at: table.mark,
          remedy: "write a partition, {type: swap, size: 1GiB}, or install zram-tools")
        continue
      }
      for image in images.map(\.value) where image.hasDisk {
        let own = (image.partitions ?? []).compactMap(\.mountPoint) + ["/"]
        guard own.has(fields[1]) else { continue }
        problems.report(
          "\(place) mounts '\(fields[1])', which is already a partition of the image"
            + " '\(image.name)'",
          at: table.mark,
          remedy: "remove the line: the build writes it; 'options' of a partition are its mount"
            + " options")
        break
      }
    }
  }
}
