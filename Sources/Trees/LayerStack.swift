package import Files
package import Glibc
package import Model

/// Layers one over the other, to look for single files as an overlay shows them.
///
/// A path is taken by its names: what is behind a link in the tree is not found, least of all on the host.
package struct LayerStack {
  private let trees: OpenTrees
  private let count: Int

  /// - Parameter folders: Those of the layers' trees, lowest first.
  package init(_ folders: [String]) {
    trees = OpenTrees(folders)
    count = folders.count
  }

  /// A file of the topmost layer that has it.
  package struct Found {
    /// Counted from the lowest.
    package let layer: Int
    package let information: stat
    private let tree: OpenTree
    private let path: ByteString

    fileprivate init(layer: Int, _ information: stat, of tree: OpenTree, _ path: ByteString) {
      self.layer = layer
      self.information = information
      self.tree = tree
      self.path = path
    }

    /// Where it is.
    package func place() throws(Failure) -> Spot { try tree.place(path) }
  }

  /// Finds a file.
  ///
  /// - Parameter path: In the tree, with or without a slash before it.
  /// - Returns: Nil where the layers show none.
  /// - Throws: When a layer cannot be read.
  package func find(_ path: ByteString) throws(Failure) -> Found? {
    var layers = Array((0..<count).reversed())
    var here: ByteString = "."
    var found = try look(for: here, in: &layers)
    for name in path.names where name != "." {
      if name == ".." { return nil }
      here = here == "." ? name : here.appending(name)
      found = try look(for: here, in: &layers)
    }
    return found
  }

  /// Finds the topmost file of a path.
  ///
  /// - Parameters:
  ///   - path: Whose folder is a folder in each of the layers.
  ///   - layers: The topmost first. Afterwards, those whose folders make up the one that is seen there.
  /// - Returns: Nil where none has it, or one hides it.
  /// - Throws: When a layer cannot be read.
  private func look(for path: ByteString, in layers: inout [Int]) throws(Failure) -> Found? {
    var found: Found?
    let candidates = layers
    layers = []
    for layer in candidates {
      let tree = try trees.tree(layer)
      let place = try tree.place(path)
      let info: stat
      do throws(Failure) { info = try place.information() } catch {
        guard error.code == ENOENT else { throw error }
        continue
      }
      if found == nil {
        if info.st_mode & S_IFMT == S_IFCHR, info.st_rdev == 0 { return nil }
        found = Found(layer: layer, info, of: tree, path)
      }
      // What is no folder ends the one that is seen.
      guard info.st_mode & S_IFMT == S_IFDIR else { break }
      layers.append(layer)
      if try place.attributes().contains(Mount.opaque) { break }
    }
    return found
  }
}
