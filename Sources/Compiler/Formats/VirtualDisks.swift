internal import Model
internal import StageContracts

extension ImageFormat {
  /// A pipeline that writes the raw disk in another format, as our own code does it.
  ///
  /// All of them read the raw disk, and none waits for another.
  func virtualDisk(_ format: VirtualDisk.Format, _ work: FormatWork) -> Draft {
    let file = work.file(self)
    let stage = VirtualDisk(
      source: "/\(work.disk)", file: "/\(file)", format: format, id: work.ids.uuid("disk"),
      revision: work.ids.uuid("disk revision"))
    return Draft(file, [Step(stage, ["disk": .pipeline(work.disk)])])
  }

  /// A pipeline that writes the raw disk in a compressed format, by qemu-img.
  func compressedDisk(_ format: QemuImg.Format, in pipeline: String, _ work: FormatWork) -> Draft {
    let stage = QemuImg(
      source: "/\(work.disk)", file: "/\(work.image.name).\(format.rawValue)", format: format,
      id: work.ids.uuid("disk"))
    return work.draft(pipeline, Step(stage, ["disk": .pipeline(work.disk)]))
  }
}

struct VDIFormat: ImageFormat {
  let name = "vdi"
  let summary = "A disk for VirtualBox."
  let content = Image.Content.disk

  func pipelines(_ work: FormatWork) -> [Draft] { [virtualDisk(.vdi, work)] }
}

struct VHDXFormat: ImageFormat {
  let name = "vhdx"
  let summary = "A disk for Hyper-V."
  let content = Image.Content.disk

  func pipelines(_ work: FormatWork) -> [Draft] { [virtualDisk(.vhdx, work)] }
}

struct VHDFormat: ImageFormat {
  let name = "vhd"
  let summary = "A disk for Azure: of fixed size, a whole number of MiB."
  let content = Image.Content.disk

  func pipelines(_ work: FormatWork) -> [Draft] { [virtualDisk(.vhd, work)] }
}
