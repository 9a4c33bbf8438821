internal import Files
internal import Glibc
package import Model

/// Compares a whole text with the one that was accepted before.
///
/// With `PARTICLE_ACCEPT=1` in the environment the text is accepted and written instead.
///
/// - Parameters:
///   - path: Where the accepted text is, relative to the folder of the test's source file.
///   - text: What came out now.
///   - file: The test's source file.
/// - Throws: With the lines that differ.
package func golden(_ path: String, _ text: String, file: String = #filePath) throws(Failure) {
  let place = Places.ancestor(of: file, levels: 1) + "/" + path
  if getenv("PARTICLE_ACCEPT").map({ String(cString: $0) }) == "1" {
    try Files.makeDirectories(Places.ancestor(of: place, levels: 1))
    try Files.write(Array(text.utf8), to: place)
    return
  }
  guard Files.exists(place) else {
    throw Failure("compare with", place, cause: "there is no such file", remedy: "make accept")
  }
  let accepted = try Files.readText(place)
  guard accepted != text else { return }
  throw Failure(
    "accept the text against", place,
    cause: "it differs (- accepted, + now)\n"
      + lineDifference(from: accepted, to: text),
    remedy: "mend the code, or `make accept` and look at the change")
}
