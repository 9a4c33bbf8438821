internal import Files
internal import Glibc
internal import Model
internal import Processes
package import StageContracts
package import StageKit
internal import Tar

@main extension OVA: StageBody {
  package func run(in job: borrowing Job) throws {
    let disk = try job.input("disk") + source
    let size = Int(try Files.information(disk).st_size)
    let capacity = Int(try Files.information(try job.input("raw") + raw).st_size)
    let machine = OVFMachine(
      title: title, memory: memory, processors: processors, firmware: firmware,
      architecture: job.architecture, diskFile: "\(title).vmdk", diskSize: size,
      capacity: capacity)
    let text = Array(machine.text.utf8)
    let names = (ovf: "\(title).ovf", manifest: "\(title).mf", disk: "\(title).vmdk")
    let manifest = """
      SHA256(\(names.ovf))= \(try digest(of: text))
      SHA256(\(names.disk))= \(try digest(at: disk))

      """

    try job.tree.write(file, [UInt8]())
    let archive = try FileDescriptor.open(job.tree.outside(file), O_WRONLY)
    var writer = TarWriter(to: archive.raw, archive: file)
    // The description has to be the first, and the manifest goes with it (DSP0243, section 6.1).
    for (name, bytes) in [(names.ovf, text), (names.manifest, Array(manifest.utf8))] {
      try writer.begin(entry(name, bytes.count, job.epoch))
      try writer.addContent(bytes[...])
      try writer.endContent(size: bytes.count)
    }
    try writer.begin(entry(names.disk, size, job.epoch))
    try writer.addFile(disk, size: size)
    try writer.finish()
  }

  private func entry(_ name: String, _ size: Int, _ epoch: Timestamp) -> TarEntry {
    TarEntry(
      path: ByteString(name), kind: .file, mode: 0o644, uid: 0, gid: 0, size: size,
      mtime: epoch.seconds)
  }

  private func digest(of bytes: [UInt8]) throws(Failure) -> String {
    String(try Command(["sha256sum"], input: bytes).runChecked().text.prefix(64))
  }

  private func digest(at path: String) throws(Failure) -> String {
    String(try Command(["sha256sum", "--", path]).runChecked().text.prefix(64))
  }
}
