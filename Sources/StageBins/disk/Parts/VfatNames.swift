internal import Model

/// The names that a FAT file system with long names can have (Microsoft's "FAT32 File System Specification" 1.03, "Long
/// Directory Entries"; the reserved ones: "Naming Files, Paths, and Namespaces").
struct VfatNames {
  private static let devices =
    ["CON", "PRN", "AUX", "NUL", "CLOCK$"]
    + (1...9).flatMap { ["COM\($0)", "LPT\($0)"] }

  /// Paths so far, in capital letters.
  private var known: Set<String> = []

  /// Why a path cannot be on it, beside those before.
  ///
  /// - Parameter path: Comes after that of its folder.
  /// - Returns: The cause; nil where it can.
  mutating func flaw(of path: String) -> String? {
    let name = path.parts(at: "/").last ?? path
    if let bad = name.unicodeScalars.first(where: {
      "\"*:<>?\\|".unicodeScalars.contains($0) || $0.value < 0x20
    }) {
      return "FAT has no names with \(bad.value < 0x20 ? "control characters" : "'\(bad)'")"
    }
    if name.hasSuffix(".") || name.hasSuffix(" ") {
      return "FAT has no names that end with a dot or a space"
    }
    let stem = name.parts(at: ".", keepingEmpty: true).first ?? name
    if Self.devices.has(stem.uppercased()) { return "FAT reserves the name of a device" }
    guard known.insert(path.uppercased()).inserted else {
      return "FAT does not distinguish capital letters, and another file has this name"
    }
    return nil
  }
}
