internal import Files
internal import Model

/// Trees that are opened when something of them is wanted, and not too many at once.
final class OpenTrees {
  private let folders: [String]
  private var opened: [Int: OpenTree] = [:]
  /// Each has one or two open files, of which a process often may have no more than 1024.
  private static let limit = 64

  init(_ folders: [String]) { self.folders = folders }

  /// The tree of that number, which stays open while somebody has it.
  func tree(_ number: Int) throws(Failure) -> OpenTree {
    if let tree = opened[number] { return tree }
    if opened.count >= Self.limit { opened = [:] }
    let tree = try OpenTree(folders[number])
    opened[number] = tree
    return tree
  }
}
