package import Model

extension JSON {
  /// Reads a value that a schema describes; every problem found is in the result when it fails.
  package static func decode<Value>(_ schema: Schema<Value>, from bytes: [UInt8], file: String)
    -> Result<Value, Refusal>
  {
    do {
      let node = try parse(bytes, file: file)
      var problems = Problems()
      let value = schema.decode(node, &problems)
      if let value, !problems.hasErrors { return .success(value) }
      // jansson keeps no places: the path says where in the file it is.
      let diagnostics = problems.diagnostics.map { diagnostic in
        var diagnostic = diagnostic
        diagnostic.mark = diagnostic.mark ?? Mark(file: file, line: 1, column: 1)
        return diagnostic
      }
      return .failure(Refusal(diagnostics: diagnostics))
    } catch {
      return .failure(Refusal(diagnostics: [error]))
    }
  }
}
