package import Model

/// What the program that reads ext file systems says of one file, as it says it: a line of numbers, then the texts whose
/// lengths are in it.
package struct ExtFile: Sendable, Equatable {
  package var inode = 0
  /// As st_mode(7) has it.
  package var mode = 0
  package var owner = 0
  package var group = 0
  /// In bytes.
  package var size = 0
  package var links = 0
  package var seconds = 0
  package var nanoseconds = 0
  /// Of a device.
  package var major = 0
  package var minor = 0
  /// Below the root, which is the empty path.
  package var path: ByteString = ""
  /// What a symbolic link says.
  package var target: ByteString = ""
  /// Of a regular file.
  package var digest: Digest?
  package var attributes: [(name: ByteString, value: [UInt8])] = []

  package static let program = "particle-read-ext"

  package init() {}

  package static func == (a: ExtFile, b: ExtFile) -> Bool { a.bytes == b.bytes }

  private static var numbers: [WritableKeyPath<ExtFile, Int>] {
    [
      \.inode, \.mode, \.owner, \.group, \.size, \.links, \.seconds, \.nanoseconds, \.major,
      \.minor,
    ]
  }

  package var bytes: [UInt8] {
    var texts = [path.bytes, target.bytes, Array((digest?.hex ?? "").utf8)]
    for (name, value) in attributes { texts += [name.bytes, value] }
    let numbers = Self.numbers.map { self[keyPath: $0] } + texts.map(\.count)
    let line = numbers.map(String.init).joined(separator: " ") + "\n"
    return Array(line.utf8) + texts.flatMap(\.self)
  }

  /// Takes the next file from what the program wrote; nil for anything else.
  package init?(from rest: inout ArraySlice<UInt8>) {
    guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    let fields = rest[..<end].split(separator: UInt8(ascii: " ")).map { field -> Int? in
      // Times before 1970 are negative.
      field.first == UInt8(ascii: "-") ? number(field.dropFirst()).map { -$0 } : number(field)
    }
    rest = rest[(end + 1)...]
    let count = Self.numbers.count
    guard fields.count >= count + 3, (fields.count - count - 3) % 2 == 0 else { return nil }
    for (index, path) in Self.numbers.enumerated() {
      guard let value = fields[index] else { return nil }
      self[keyPath: path] = value
    }
    var texts: [[UInt8]] = []
    for field in fields[count...] {
      guard let length = field, 0...rest.count ~= length else { return nil }
      texts.append(Array(rest.prefix(length)))
      rest = rest.dropFirst(length)
    }
    path = ByteString(texts[0])
    target = ByteString(texts[1])
    if !texts[2].isEmpty {
      guard let digest = Digest(hex: String(decoding: texts[2], as: UTF8.self)) else { return nil }
      self.digest = digest
    }
    for index in stride(from: 3, to: texts.count, by: 2) {
      attributes.append((ByteString(texts[index]), texts[index + 1]))
    }
  }
}

extension Failure {
  /// As the program writes it to its standard error.
  package var record: [UInt8] {
    Array([operation, object, cause, remedy ?? ""].joined(separator: "\0").utf8)
  }

  /// What it wrote there; nil for anything else.
  package init?(record: [UInt8]) {
    let parts = record.split(separator: 0, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    guard parts.count == 4 else { return nil }
    self.init(parts[0], parts[1], cause: parts[2], remedy: parts[3].isEmpty ? nil : parts[3])
  }
}
