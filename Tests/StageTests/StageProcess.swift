import Files
import Glibc
import Model
import Processes
import StageKit

/// How a stage's program ended, and its log.
struct StageResult {
  var status: Command.Ending
  var log: String
}

/// Starts the real program of a stage, which the build puts beside the tests.
///
/// The options are JSON text, as a manifest has them; the tree may be any folder.
func run(
  _ stage: String, _ options: String, on tree: String, inputs: [String: String] = [:],
  epoch: String = "2026-09-12T00:00:00Z"
) throws -> StageResult {
  let folders = inputs.map { "\"\($0.key)\": \"\($0.value)\"" }.joined(separator: ", ")
  let request = """
    {"tree": "\(tree)", "options": \(options), "inputs": {\(folders)}, "epoch": "\(epoch)",
     "architecture": "amd64"}
    """
  let outcome = try Command([program(of: stage)], input: Array(request.utf8)).run()
  return StageResult(status: outcome.ending, log: outcome.text + outcome.errorText)
}

/// Runs a tool of Debian, which has to succeed, and gives what it wrote to standard output.
@discardableResult func tool(_ arguments: [String]) throws -> String {
  try Command(arguments).runChecked().text
}

func program(of stage: String) throws -> String {
  var buffer = [CChar](repeating: 0, count: 4096)
  let count = readlink("/proc/self/exe", &buffer, buffer.count)
  let own = String(decoding: buffer[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  let folder = own.split(separator: "/").dropLast().joined(separator: "/")
  return "/\(folder)/particle-stage-\(stage)"
}

/// Every file below a folder, a line each: path, type and mode, owner, and what it holds.
func listing(of root: String) throws -> [String] {
  try Walk(root).entries.map { entry in
    let info = entry.information
    let path = String(decoding: entry.path, as: UTF8.self)
    let (letter, detail): (String, String) =
      switch info.st_mode & S_IFMT {
      case S_IFDIR: ("d", "")
      case S_IFLNK: ("l", " -> " + (try Tree(root: root).linkTarget("/" + path)))
      default: ("-", " " + quoted(try Files.readText("\(root)/\(path)")))
      }
    let mode = FileMode(bits: info.st_mode)
    return "/\(path) \(letter)\(mode) \(info.st_uid):\(info.st_gid)\(detail)"
  }
}

/// What `body` changes in a folder: lines of the listing that went (`-`) and came (`+`).
func changes(in root: String, by body: () throws -> Void) throws -> [String] {
  let before = try listing(of: root)
  try body()
  let after = try listing(of: root)
  let (old, new) = (Set(before), Set(after))
  return before.filter { !new.contains($0) }.map { "- \($0)" }
    + after.filter { !old.contains($0) }.map { "+ \($0)" }
}

/// Puts text files into a folder, and the folders above them.
func fill(_ root: String, _ files: [String: String]) throws {
  let tree = try Tree(root: root)
  for (path, text) in files.sorted(by: { $0.key < $1.key }) {
    try tree.write(path, Array(text.utf8), owner: getuid(), group: getgid())
  }
}

private func quoted(_ text: String) -> String {
  let escaped = text.map { character -> String in
    switch character {
    case "\n": "\\n"
    case "\t": "\\t"
    default: String(character)
    }
  }.joined()
  return "'\(escaped)'"
}
