internal import Model
package import StageContracts
package import StageKit

@main extension DebianRoot: StageBody {
  package func run(in job: borrowing Job) throws {
    let packages = try job.input("packages")
    // Decompression takes most of the time. It runs ahead of the writing, which keeps the order,
    // by few enough packages that they fit in memory.
    var waiting = unpack[...].makeIterator()
    func startNext() -> Errand<[UInt8]>? {
      waiting.next().map { name in
        Errand { () throws(Failure) in
          try DebArchive(path: "\(packages)/\(name)", name: name).data()
        }
      }
    }
    var ahead = (0..<3).compactMap { _ in startNext() }
    for name in unpack {
      let data = try ahead.removeFirst().wait()
      if let next = startNext() { ahead.append(next) }
      try write(TarReader(data, archive: name), name, to: job.tree)
    }
    try makeDatabase(in: job.tree)
  }

  private func write(_ archive: TarReader, _ name: String, to tree: borrowing Tree)
    throws(Failure)
  {
    var archive = archive
    while let (entry, content) = try archive.next() {
      do throws(Failure) { try tree.unpack(entry, content) } catch {
        throw Failure("unpack", name, cause: "\(error)")
      }
    }
  }

  /// dpkg asks for its database to be there, empty, before it installs the first package.
  private func makeDatabase(in tree: borrowing Tree) throws(Failure) {
    for folder in ["alternatives", "info", "parts", "triggers", "updates"] {
      try tree.makeDirectories("/var/lib/dpkg/\(folder)")
    }
    for file in ["available", "status"] { try tree.write("/var/lib/dpkg/\(file)", "") }
  }
}
