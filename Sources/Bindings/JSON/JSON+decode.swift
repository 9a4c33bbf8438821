package import Model

extension JSON {
  /// Reads a value that a schema describes; every problem found is in the result when it fails.
  package static func decode<Value>(_ schema: Schema<Value>, from bytes: [UInt8], file: String)
    -> Result<Value, Refusal>
  {
    do {
      let node = try parse(bytes, file: file)
      var problems = Problems()
      if let value = schema.decode(node, &problems) { return .success(value) }
      return .failure(Refusal(diagnostics: problems.diagnostics))
    } catch {
      return .failure(Refusal(diagnostics: [error]))
    }
  }
}
