internal import Model
internal import StageContracts

/// The pipelines of an image's formats that are made from its disk.
///
/// They stand side by side: each reads the raw image that all share, and none waits for another.
func diskFormats(_ image: Image, _ recipe: Recipe, on architecture: Architecture) -> [Draft] {
  let ids = Identifiers(recipe: recipe.name, image: image.name)
  let disk: [String: Input] = ["disk": .pipeline("\(image.name).raw")]
  let source = "/\(image.name).raw"
  func virtual(_ format: VirtualDisk.Format) -> Draft {
    let file = "\(image.name).\(format.rawValue)"
    let stage = VirtualDisk(
      source: source, file: "/\(file)", format: format, id: ids.uuid("disk"),
      revision: ids.uuid("disk revision"))
    return Draft(file, [Step(stage, disk)])
  }
  func compressed(_ format: QemuImg.Format, in pipeline: String) -> Draft {
    let stage = QemuImg(
      source: source, file: "/\(image.name).\(format.rawValue)", format: format,
      id: ids.uuid("disk"))
    return Draft(pipeline, build: "build", [Step(stage, disk)])
  }
  var drafts: [Draft] = []
  let hasStream = image.formats.contains(.vmdk) && image.settings.vmdk.variant == .stream
  for format in image.formats {
    switch format {
    case .qcow2:
      drafts.append(
        image.settings.qcow2.compression == .none
          ? virtual(.qcow2) : compressed(.qcow2, in: "\(image.name).qcow2"))
    case .vmdk:
      drafts.append(hasStream ? compressed(.vmdk, in: "\(image.name).vmdk") : virtual(.vmdk))
    case .vdi: drafts.append(virtual(.vdi))
    case .vhdx: drafts.append(virtual(.vhdx))
    case .vhd: drafts.append(virtual(.vhd))
    default: break
    }
  }
  if image.formats.contains(.ova) {
    let packed = hasStream ? "\(image.name).vmdk" : "\(image.name).ova.vmdk"
    if !hasStream { drafts.append(compressed(.vmdk, in: packed)) }
    let stage = ova(image, on: architecture)
    drafts.append(
      Draft(
        "\(image.name).ova", build: "build",
        [Step(stage, ["disk": .pipeline(packed), "raw": .pipeline("\(image.name).raw")])]))
  }
  return drafts
}

private func ova(_ image: Image, on architecture: Architecture) -> OVA {
  let firmware = image.boot?.firmware(on: architecture) ?? architecture.firmware
  return OVA(
    source: "/\(image.name).vmdk", raw: "/\(image.name).raw", file: "/\(image.name).ova",
    title: image.name, memory: image.settings.ova.memory,
    processors: image.settings.ova.processors, firmware: firmware.contains(.bios) ? .bios : .uefi)
}

/// The pipelines of an image's formats that are made from a tree; all read the same one.
///
/// - Parameters:
///   - image: The image.
///   - recipe: Its recipe.
///   - tree: The pipeline that makes the system's tree.
///   - inherited: What a container of the image that the system starts from does.
/// - Returns: A pipeline for each format that is not the tree itself.
func treeFormats(
  _ image: Image, _ recipe: Recipe, of tree: String, _ inherited: PackageLock.Process?
) -> [Draft] {
  let system: [String: Input] = ["tree": .pipeline(tree)]
  let ids = Identifiers(recipe: recipe.name, image: image.name)
  let hasLayout = image.formats.contains { [.oci, .ociArchive].contains($0) }
  var drafts: [Draft] = []
  if hasLayout {
    drafts.append(
      Draft(
        "\(image.name).oci", build: "build",
        [Step(container(image, recipe, inherited ?? PackageLock.Process()), system)]))
  }
  for format in image.formats {
    let name = "\(image.name).\(format.rawValue)"
    func archive(_ compression: TarArchive.Compression, of input: String = tree) -> Draft {
      Draft(
        name, build: compression == .none ? nil : "build",
        [
          Step(
            TarArchive(file: "/\(name)", compression: compression), ["tree": .pipeline(input)])
        ])
    }
    switch format {
    case .tar: drafts.append(archive(.none))
    case .tarGzip: drafts.append(archive(.gzip))
    case .tarXZ: drafts.append(archive(.xz))
    case .tarZstd: drafts.append(archive(.zstd))
    case .cpio: drafts.append(Draft(name, [Step(Cpio(file: "/\(name)"), system)]))
    case .squashfs: drafts.append(squashfs(image, of: tree))
    case .erofs:
      let stage = EROFS(
        file: "/\(name)", compression: image.settings.erofs.compression.stage,
        uuid: ids.uuid("erofs filesystem"))
      drafts.append(Draft(name, build: "build", [Step(stage, system)]))
    // Of the layout, which is there already.
    case .ociArchive: drafts.append(archive(.none, of: "\(image.name).oci"))
    case .oci, .directory, .ostree: break
    case .raw, .qcow2, .vmdk, .vdi, .vhdx, .vhd, .ova, .iso: break
    }
  }
  return drafts
}

private func squashfs(_ image: Image, of tree: String) -> Draft {
  let name = "\(image.name).squashfs"
  let stage = Squashfs(file: "/\(name)", compression: image.settings.squashfs.compression.stage)
  return Draft(name, build: "build", [Step(stage, ["tree": .pipeline(tree)])])
}

/// What the recipe does not say is as in the image that the system starts from.
private func container(_ image: Image, _ recipe: Recipe, _ inherited: PackageLock.Process)
  -> OCIImage
{
  let wanted = image.settings.oci
  // Arguments are those of a program: another program does not get them.
  let isOther = !wanted.entrypoint.isEmpty
  // In a directory it is asked for as oci:DIRECTORY:latest; from an archive, podman takes it as the whole name.
  let usual = image.formats.contains(.oci) ? "latest" : "\(recipe.name.lowercased()):latest"
  return OCIImage(
    tag: wanted.name.isEmpty ? usual : wanted.name,
    entrypoint: isOther ? wanted.entrypoint : inherited.entrypoint,
    command: isOther || !wanted.command.isEmpty ? wanted.command : inherited.command,
    environment: inherited.environment.merging(wanted.environment) { $1 },
    labels: inherited.labels.merging(wanted.labels) { $1 },
    user: wanted.user.isEmpty ? inherited.user : wanted.user,
    workingDirectory: wanted.workingDirectory.isEmpty
      ? inherited.workingDirectory : wanted.workingDirectory,
    ports: united(inherited.ports, wanted.ports),
    volumes: united(inherited.volumes, wanted.volumes),
    stopSignal: wanted.stopSignal.isEmpty ? inherited.stopSignal : wanted.stopSignal)
}

/// Both, each once and sorted.
private func united(_ some: [String], _ others: [String]) -> [String] {
  Set((some + others).map { ByteString($0) }).sorted().compactMap(\.text)
}

/// Where a build finds each output of an image, by the output's name.
///
/// - Parameters:
///   - image: The image.
///   - tree: The pipeline that makes the system's tree.
/// - Returns: An export for each format.
func exports(of image: Image, tree: String) -> [String: Manifest.Export] {
  var exports: [String: Manifest.Export] = [:]
  for format in image.formats {
    let file = "\(image.name).\(format.rawValue)"
    switch format {
    case .directory: exports[file] = Manifest.Export(pipeline: tree, path: "/")
    case .oci, .ostree: exports[file] = Manifest.Export(pipeline: file, path: "/")
    default: exports[file] = Manifest.Export(pipeline: file, path: "/" + file)
    }
  }
  return exports
}

/// The pipelines of a live system: the squashfs it runs from, and the medium.
///
/// - Parameters:
///   - image: An image with an iso among its formats.
///   - recipe: Its recipe.
///   - tree: The pipeline of the system by itself: what is on a disk is no part of a live system.
///   - architecture: The machine it is for.
/// - Returns: The pipelines; the squashfs is the one that the image has as a format, if that is of
///   the same tree.
func liveFormat(_ image: Image, _ recipe: Recipe, of tree: String, on architecture: Architecture)
  -> [Draft]
{
  let ids = Identifiers(recipe: recipe.name, image: image.name)
  let isShared = image.formats.contains(.squashfs) && image.treePipeline == tree
  var files = squashfs(image, of: tree)
  if !isShared { files.name = "\(image.name).iso.squashfs" }
  let commandLine = image.boot?.arguments(on: architecture) ?? ""
  let firmware = image.boot?.firmware(on: architecture) ?? architecture.firmware
  let label = image.name.uppercased().map { $0 == "-" ? "_" : $0 }.prefix(32)
  let stage = LiveISO(
    source: "/\(image.name).squashfs", file: "/\(image.name).iso", label: String(label),
    id: ids.uuid("iso"), serialNumber: ids.fatSerial("iso efi filesystem"),
    firmware: firmware.map { $0 == .bios ? .bios : .uefi }, commandLine: commandLine,
    serial: commandLine.contains("console=ttyS"))
  let inputs: [String: Input] = [
    "tree": .pipeline(tree), "squashfs": .pipeline(files.name),
  ]
  return (isShared ? [] : [files])
    + [Draft("\(image.name).iso", build: "build", [Step(stage, inputs)])]
}

extension Image {
  /// The pipeline that makes the tree which the image's formats of files are of: the disk's where
  /// there is a disk, else the one that all images without a disk share.
  var treePipeline: String { hasDisk ? "\(name).system" : "system" }
}

extension Image.FormatSettings.Squashfs.Compression {
  fileprivate var stage: Squashfs.Compression {
    switch self {
    case .zstd: .zstd
    case .xz: .xz
    case .gzip: .gzip
    case .lz4: .lz4
    }
  }
}

extension Image.FormatSettings.EROFS.Compression {
  fileprivate var stage: EROFS.Compression {
    switch self {
    case .lz4hc: .lz4hc
    case .zstd: .zstd
    case .none: .none
    }
  }
}
