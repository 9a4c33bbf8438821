package import Model
internal import Trees

extension Inventory {
  /// Writes what `particle store info` prints.
  ///
  /// - Parameters:
  ///   - root: The store's folder.
  ///   - limit: What it may take.
  /// - Returns: Lines.
  package func summary(root: String, limit: ByteSize) -> String {
    var text = "store    \(root)\n"
    for kind in StoreObject.Kind.allCases {
      let own = items.filter { $0.object.kind == kind }
      let size = ByteCount(own.reduce(0) { $0 + $1.size })
      let name = kind == .sources ? "sources" : kind.rawValue
      text += "\(padded(name, 9)) \(padded("\(own.count)", 6)) \(size)\n"
    }
    text += "all       \(padded("\(items.count)", 6)) \(ByteCount(size))\n"
    text += "limit     \(padded("", 6)) \(ByteCount(limit.bytes))\n"
    if let oldest = items.map(\.used).min() {
      text += "oldest use  \(Timestamp(seconds: oldest.seconds))\n"
    }
    return text
  }
}

private func padded(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}
