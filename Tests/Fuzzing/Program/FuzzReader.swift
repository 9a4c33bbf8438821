internal import FuzzReaders
internal import Glibc

/// Gives the reader that `PARTICLE_READER` names all bytes that libFuzzer makes up.
@main enum FuzzReader {
  static func main() {
    let name = getenv("PARTICLE_READER").map { String(cString: $0) } ?? ""
    guard let reader = Reader(rawValue: name) else {
      print("PARTICLE_READER is one of \(Reader.allCases.map(\.rawValue).joined(separator: ", "))")
      exit(2)
    }
    fuzz { reader.read($0) }
  }
}
