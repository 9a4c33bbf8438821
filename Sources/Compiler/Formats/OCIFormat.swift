internal import Model
internal import StageContracts

struct OCIFormat: ImageFormat {
  let name = "oci"
  let summary =
    "A container image as a directory, in the layout of the Open Container Initiative."
  let content = Image.Content.tree
  var settings: (any FormatSettings.Type)? { OCISettings.self }

  func pipelines(_ work: FormatWork) -> [Draft] {
    [work.draft(work.file(self), Step(container(work), ["tree": .pipeline(work.tree)]))]
  }

  func export(of image: Image) -> Manifest.Export {
    Manifest.Export(pipeline: image.file(self), path: "/")
  }
}

struct OCIArchiveFormat: ImageFormat {
  let name = "oci-archive"
  let summary = "A container image in one file, for podman, docker and skopeo to load."
  let content = Image.Content.tree
  var settings: (any FormatSettings.Type)? { OCISettings.self }

  func pipelines(_ work: FormatWork) -> [Draft] {
    let layout = OCIFormat()
    return layout.pipelines(work) + [archive(.none, of: work.file(layout), work)]
  }
}

/// What the recipe does not say is as in the image that the system starts from.
private func container(_ work: FormatWork) -> OCIImage {
  let (wanted, inherited) = (work.settings(OCISettings.self), work.inherited)
  // Arguments are those of a program: another program does not get them.
  let isOther = !wanted.entrypoint.isEmpty
  // In a directory it is asked for as oci:DIRECTORY:latest; from an archive, podman takes it as the whole name.
  let usual = work.image.has(OCIFormat()) ? "latest" : "\(work.recipe.lowercased()):latest"
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
