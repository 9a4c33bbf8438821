package import Model
package import Trees

extension MergedTree {
  /// Layers of a store as one.
  ///
  /// - Parameters:
  ///   - layers: Lowest first.
  ///   - store: That has them.
  ///   - purpose: Whether something lies beneath them.
  /// - Throws: When a layer's listing is not readable.
  package init(_ layers: [Digest], in store: Store, as purpose: Purpose) throws(Failure) {
    let places = layers.map { layer in
      Layer(listing: store.layerPath(layer) + "/listing", tree: store.treePath(layer))
    }
    try self.init(places, as: purpose)
  }
}
