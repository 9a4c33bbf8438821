/// All that is wrong with an input, gathered: the person can mend each of them.
package struct Refusal: Error, Sendable, Equatable {
  package var diagnostics: [Diagnostic]
  package init(diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }
}
