import Files
import FuzzReaders
import TestSupport
import Testing

/// Bytes that fuzzing found or that it starts from (tools/fuzz).
///
/// What is read wrongly ends the tests.
@Suite(.serialized) struct CorpusTests {
  private func corpus(of reader: Reader) throws -> [[UInt8]] {
    let folder = "\(Places.repository)/Tests/Fuzzing/Corpus/\(reader.rawValue)"
    return try Files.names(in: folder).map { try Files.read("\(folder)/\($0)") }
  }

  @Test(arguments: Reader.allCases)
  func `any bytes give a value or a refusal`(_ reader: Reader) throws {
    let corpus = try corpus(of: reader)
    #expect(!corpus.isEmpty)
    for bytes in corpus {
      reader.read(bytes)
      // What is cut off, and what goes on.
      for count in [0, bytes.count / 3, max(0, bytes.count - 1)] {
        reader.read(Array(bytes.prefix(count)))
      }
      reader.read(bytes + bytes)
    }
  }

  /// libFuzzer makes up better ones, but is not in every `make test`.
  @Test(arguments: Reader.allCases)
  func `changed bytes give a value or a refusal`(_ reader: Reader) throws {
    var chance = Chance()
    // A trap ends the process, so this has to be said before.
    print("\(reader.rawValue): PARTICLE_SEED=\(chance.seed)")
    let corpus = try corpus(of: reader)
    for _ in 0..<FullTest.count(200, full: 20_000) {
      guard var bytes = corpus.randomElement(using: &chance), !bytes.isEmpty else { continue }
      for _ in 0..<Int.random(in: 1...8, using: &chance) {
        let place = Int.random(in: 0..<bytes.count, using: &chance)
        switch Int.random(in: 0..<4, using: &chance) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &chance)
        case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &chance)
        case 2:
          let odd: [UInt8] = [0, 0xff, 0x80, 0x7f, 0x2d, 0x39]
          let byte = odd.randomElement(using: &chance) ?? 0
          for index in place..<min(bytes.count, place + 8) { bytes[index] = byte }
        default: bytes.removeSubrange(place..<min(bytes.count, place + 4))
        }
        if bytes.isEmpty { break }
      }
      reader.read(bytes)
    }
  }
}
