internal import Files
internal import Glibc
internal import Model
internal import Processes
package import StageContracts
package import StageKit

@main extension TarArchive: StageBody {
  package func run(in job: borrowing Job) throws {
    let walk = try Walk(try job.input("tree"))
    try job.tree.write(file, [UInt8]())
    let archive = try FileDescriptor.open(job.tree.outside(file), O_WRONLY)
    guard let compressor else {
      try TreeArchive(walk).write(to: archive.raw, name: file)
      return
    }
    let command = Command(compressor, output: .descriptor(archive.raw))
    try command.runLogged { (pipe) throws(Failure) in
      try TreeArchive(walk).write(to: pipe, name: file)
    }
  }

  /// The program that compresses its input to its output.
  ///
  /// The number of threads is part of what is asked: xz and zstd make other bytes with one thread
  /// than with several, but the same with any number of several, on however many processors.
  private var compressor: [String]? {
    switch compression {
    case .none: nil
    case .gzip: ["gzip", "--no-name", "-6", "--stdout"]
    case .xz: ["xz", "--compress", "--stdout", "-6", "--threads=4", "--no-adjust"]
    case .zstd: ["zstd", "--compress", "--stdout", "--quiet", "-9", "--threads=4"]
    }
  }
}
