import Compiler
import Model
import Testing

/// What a compilation is refused for: places, problems and remedies.
func refusals(_ body: () throws -> Manifest) -> [String] {
  let error = #expect(throws: CompileError.self) { try body() }
  guard case .resolving(let refusal) = error else { return ["\(String(describing: error))"] }
  return refusal.diagnostics.map {
    ($0.mark.map { "\($0.line):\($0.column): " } ?? "") + $0.problem + " → "
      + ($0.remedy ?? "")
  }
}

/// A manifest as it is written.
func bytes(_ manifest: Manifest) -> [UInt8] {
  Manifest.schema.encode(manifest).prettyBytes
}
