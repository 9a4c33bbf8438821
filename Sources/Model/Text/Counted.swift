/// A number with its noun: `1 file`, `0 files`, `2 files`.
///
/// - Parameters:
///   - count: How many.
///   - noun: The singular, of a noun whose plural ends in `s`.
/// - Returns: Both, the noun in the form that goes with the number.
package func counted(_ count: Int, _ noun: String) -> String {
  "\(count) \(noun)\(count == 1 ? "" : "s")"
}
