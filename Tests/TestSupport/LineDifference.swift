/// The lines that differ between two texts, each with its number, and two lines around them.
///
/// - Parameters:
///   - old: The text whose lines are marked `-` where they are gone.
///   - new: The text whose lines are marked `+` where they came.
/// - Returns: One line for each line shown.
package func lineDifference(from old: String, to new: String) -> String {
  let before = lines(of: old)
  let after = lines(of: new)
  var gone: Set<Int> = []
  var came: Set<Int> = []
  for change in after.difference(from: before) {
    switch change {
    case .remove(let offset, _, _): gone.insert(offset)
    case .insert(let offset, _, _): came.insert(offset)
    }
  }
  var rows: [(text: String, changed: Bool)] = []
  var (left, right) = (0, 0)
  while left < before.count || right < after.count {
    if gone.contains(left) {
      rows.append(("- \(left + 1): \(before[left])", true))
      left += 1
    } else if came.contains(right) {
      rows.append(("+ \(right + 1): \(after[right])", true))
      right += 1
    } else {
      rows.append(("  \(right + 1): \(after[right])", false))
      left += 1
      right += 1
    }
  }
  let near = 2
  return rows.indices
    .filter { index in
      rows[max(0, index - near)...min(rows.count - 1, index + near)].contains(where: \.changed)
    }
    .map { rows[$0].text }.joined(separator: "\n")
}

/// The lines with what ends them made visible where it is unusual.
private func lines(of text: String) -> [String] {
  var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  if lines.last == "" {
    lines.removeLast()
  } else {
    lines[lines.count - 1] += "␄"
  }
  return lines
}
