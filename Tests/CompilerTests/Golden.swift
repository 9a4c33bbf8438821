import Files
import Glibc
import Testing

/// The top of the source tree.
let root = String(#filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" })

/// Compares a text with a file of the source tree; with PARTICLE_ACCEPT=1 writes the file instead.
func expectGolden(_ text: String, _ path: String, _ place: SourceLocation = #_sourceLocation) throws
{
  let file = "\(root)/\(path)"
  if getenv("PARTICLE_ACCEPT") != nil {
    if let slash = file.lastIndex(of: "/") { try Files.makeDirectories(String(file[..<slash])) }
    try Files.write(Array(text.utf8), to: file)
    print("wrote \(path)")
    return
  }
  let known = Files.exists(file) ? try Files.readText(file) : ""
  #expect(
    text == known, "\(path) is not current: see it, then PARTICLE_ACCEPT=1", sourceLocation: place)
}
