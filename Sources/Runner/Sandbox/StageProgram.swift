internal import Files
internal import Glibc
internal import Hashing
internal import JSON
package import Model
internal import Processes

/// The executable of a stage, with what it brings along to run in any tree.
package struct StageProgram: Sendable, Equatable {
  package var path: String
  /// Of the executable and, when it is linked dynamically, its loader and libraries.
  package var digest: Digest
  package var description: StageDescription
  /// The dynamic loader; nil for an executable that needs none.
  package var loader: String?
  /// The libraries, by the paths the loader finds them at.
  package var libraries: [String]

  package init(
    path: String, digest: Digest, description: StageDescription, loader: String?,
    libraries: [String]
  ) {
    self.path = path
    self.digest = digest
    self.description = description
    self.loader = loader
    self.libraries = libraries
  }

  private static let place = "/run/particle/stage"
  private static let libraryPlace = "/run/particle/lib"

  /// The bindings that bring the program into a sandbox.
  package var bindings: [Sandbox.Binding] {
    var all = [Sandbox.Binding(path, at: Self.place)]
    for file in [loader].compactMap(\.self) + libraries {
      all.append(Sandbox.Binding(file, at: Self.libraryPlace + "/" + lastName(file)))
    }
    return all
  }

  /// The command that starts the program in a sandbox.
  package var command: [String] {
    guard let loader else { return [Self.place] }
    let start = Self.libraryPlace + "/" + lastName(loader)
    return [start, "--library-path", Self.libraryPlace, Self.place]
  }
}

extension StageProgram {
  private static let schema = Schema<StageProgram>.object(
    Field("path", { $0.path }, .string, "Where it is."),
    Field("digest", { $0.digest }, Digest.schema, "Of the executable and its libraries."),
    Field("description", { $0.description }, StageDescription.schema, "Its contract."),
    Field(optional: "loader", { $0.loader }, .string, "Its dynamic loader."),
    Field("libraries", { $0.libraries }, .list(of: .string), "Its libraries."),
    make: {
      StageProgram(path: $0, digest: $1, description: $2, loader: $3, libraries: $4)
    })

  /// Learns of the executable at `path`: from the store when it has not changed since it was last
  /// asked, else by reading it and starting it with `--describe`.
  ///
  /// Where `store` is nil, the executable is asked in any case; so is one that is linked dynamically, as its
  /// libraries change without it.
  package static func load(_ path: String, store: Store?) throws(Failure) -> StageProgram {
    var info = stat()
    guard stat(path, &info) == 0 else { throw .system("inspect", path) }
    let facts = """
      \(path) \(info.st_size) \(info.st_ino) \(info.st_dev) \(info.st_mtim.tv_sec) \
      \(info.st_mtim.tv_nsec) \(info.st_ctim.tv_sec) \(info.st_ctim.tv_nsec)
      """
    let name = SHA256.digest(Array(facts.utf8)).hex
    let record = store.map { "\($0.root)/programs/\(name)" }
    _ = store?.hold(StoreObject(.programs, name))
    if let record, let bytes = try? Files.read(record),
      let program = try? JSON.decode(schema, from: bytes, file: "program").get(),
      program.loader == nil
    {
      return program
    }
    let program = try ask(path)
    if let record, program.loader == nil {
      try? Files.writeAtomically(schema.encode(program).prettyBytes, to: record)
    }
    return program
  }

  private static func ask(_ path: String) throws(Failure) -> StageProgram {
    let outcome = try Command([path, "--describe"]).runChecked()
    let description: StageDescription
    do {
      description = try JSON.decode(StageDescription.schema, from: outcome.output, file: path).get()
    } catch {
      throw Failure(
        "use", "the stage \(path)",
        cause: "--describe did not print a contract: \(error.diagnostics.first?.problem ?? "")",
        remedy: "install particle again, with all its programs")
    }
    let bytes = try Files.read(path)
    var digest = SHA256.digest(bytes)
    let loader = interpreter(of: bytes)
    var libraries: [String] = []
    if let loader {
      let listed = try Command([loader, "--list", path]).runChecked().text
      for line in listed.split(separator: "\n") {
        let words = line.split(separator: " ")
        if words.count >= 3, words[1] == "=>" { libraries.append(String(words[2])) }
      }
      let whole = SHA256()
      whole.update(digest.hex)
      for file in [loader] + libraries.sorted() {
        whole.update(SHA256.digest(try Files.read(file)).hex)
      }
      digest = whole.finish()
    }
    return StageProgram(
      path: path, digest: digest, description: description, loader: loader, libraries: libraries)
  }

  /// The program interpreter that a 64-bit little-endian ELF file asks for (elf(5), PT_INTERP).
  static func interpreter(of bytes: [UInt8]) -> String? {
    func number(_ at: Int, _ count: Int) -> Int {
      guard at >= 0, at + count <= bytes.count else { return 0 }
      return bytes[at..<at + count].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    guard bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]) else { return nil }
    for index in 0..<number(56, 2) {
      let header = number(32, 7) + index * number(54, 2)
      guard number(header, 4) == 3 else { continue }
      let (start, size) = (number(header + 8, 7), number(header + 32, 7))
      guard size > 0, start + size <= bytes.count else { return nil }
      return String(decoding: bytes[start..<start + size].prefix { $0 != 0 }, as: UTF8.self)
    }
    return nil
  }
}

private func lastName(_ path: String) -> String {
  path.split(separator: "/").last.map(String.init) ?? path
}
