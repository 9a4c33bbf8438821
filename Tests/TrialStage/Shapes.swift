import Files
import Glibc
import Model

/// Writes a file whose name, in hexadecimal digits, need be no text.
func writeName(_ digits: String, in folder: String) throws {
  let digits = Array(digits.utf8)
  let name = stride(from: 0, to: digits.count - 1, by: 2).compactMap { index in
    UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16)
  }
  try Files.makeDirectories(folder)
  let file = try OpenTree(folder).place(ByteString(name)).open(O_WRONLY | O_CREAT, mode: 0o644)
  try file.write(digits)
}

/// Makes so many folders in each other, deeper than any path may be, and a file in the last.
func deepen(_ root: String, _ name: String, _ count: Int) throws {
  try Files.makeDirectories(root)
  var folder = try FileDescriptor.open(root, O_RDONLY | O_DIRECTORY)
  for _ in 0..<count {
    guard mkdirat(folder.raw, name, 0o755) == 0 else { throw Failure.system("make", name) }
    let raw = openat(folder.raw, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard raw >= 0 else { throw Failure.system("open", name) }
    folder = FileDescriptor(owning: raw)
  }
  let raw = openat(folder.raw, "end", O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
  guard raw >= 0 else { throw Failure.system("make", "end") }
  close(raw)
}
