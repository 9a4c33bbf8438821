/// The word among `known` that `word` most likely was meant to be; nil where none is near.
///
/// Near is an edit distance (Levenshtein, with a swap of neighbours counted once) of at most a
/// third of the word's length, and at least one; or else the one word that begins with it.
package func suggestion(for word: String, among known: [String]) -> String? {
  let limit = max(1, word.count / 3)
  let ranked = known.map { (editDistance(Array(word), Array($0)), $0) }.filter { $0.0 <= limit }
  if let best = ranked.min(by: { $0.0 != $1.0 ? $0.0 < $1.0 : $0.1 < $1.1 }) { return best.1 }
  let longer = known.filter { word.count > 2 && $0.hasPrefix(word) }
  return longer.count == 1 ? longer[0] : nil
}

private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var rows = [Array(0...b.count)]
  for i in 1...max(1, a.count) where i <= a.count {
    var row = [i]
    for j in 1...max(1, b.count) where j <= b.count {
      let substitution = rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
      var best = min(rows[i - 1][j] + 1, row[j - 1] + 1, substitution)
      if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
        best = min(best, rows[i - 2][j - 2] + 1)
      }
      row.append(best)
    }
    rows.append(row)
  }
  return rows[a.count][b.count]
}
