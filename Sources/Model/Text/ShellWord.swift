/// A word as a POSIX shell reads it back, whatever bytes are in it but NUL.
///
/// Quotes are found by their bytes: in a `String`, one with a combining mark after it is another character.
package func shellWord(_ word: ByteString) -> ByteString {
  let isPlain = word.bytes.allSatisfy { byte in
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "/._-+=:,@%".utf8.contains(byte)
    }
  }
  if isPlain && !word.isEmpty { return word }
  let quote = UInt8(ascii: "'")
  var quoted = [quote]
  for byte in word.bytes {
    if byte == quote { quoted += Array(#"'\''"#.utf8) } else { quoted.append(byte) }
  }
  return ByteString(quoted + [quote])
}

/// The same of a text.
package func shellWord(_ word: String) -> String {
  String(decoding: shellWord(ByteString(word)).bytes, as: UTF8.self)
}
