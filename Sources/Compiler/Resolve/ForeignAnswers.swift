internal import Model

/// The readers of what apt, repositories and registries answer, each by itself: for tests that give them any text.
package enum ForeignAnswers {
  package static func apt(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    _ = try? AptOutput.packages(text)
    for verb in ["Inst", "Conf"] { _ = AptOutput.order(verb, text) }
    _ = PackageIndex.relations(text, on: .amd64)
    let system = ImageSystem(status: text, extendedStates: text, release: text)
    _ = system.description
    _ = try? system.packages(.amd64, of: "an image")
  }

  package static func imageManifest(_ bytes: [UInt8]) {
    _ = try? ImageManifest(bytes, of: "an image")
  }
}
