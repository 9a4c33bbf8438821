internal import Model

/// A stage of one manifest and the stage of the other that took its place; one of them may be missing.
struct StagePair {
  var old: Stage?
  var new: Stage?

  var type: String { new?.type ?? old?.type ?? "" }

  /// Pairs the stages of two pipelines, in the order of the new one.
  ///
  /// Those that are asked for the same belong together, then those of the same type between them.
  static func pairs(_ old: [Stage], _ new: [Stage]) -> [StagePair] {
    let before = old.map(Wish.init)
    let after = new.map(Wish.init)
    var gone: Set<Int> = []
    var came: Set<Int> = []
    for change in after.difference(from: before) {
      switch change {
      case .remove(let offset, _, _): gone.insert(offset)
      case .insert(let offset, _, _): came.insert(offset)
      }
    }
    var pairs: [StagePair] = []
    var (left, right) = (0, 0)
    while left < old.count || right < new.count {
      var changed: [Stage] = []
      while left < old.count, gone.contains(left) {
        changed.append(old[left])
        left += 1
      }
      while right < new.count, came.contains(right) {
        let partner = changed.firstIndex { $0.type == new[right].type }
        pairs.append(StagePair(old: partner.map { changed.remove(at: $0) }, new: new[right]))
        right += 1
      }
      pairs += changed.map { StagePair(old: $0, new: nil) }
      if left < old.count, right < new.count {
        pairs.append(StagePair(old: old[left], new: new[right]))
        left += 1
        right += 1
      }
    }
    return pairs
  }

  /// What a stage is asked to do, whatever came before it.
  private struct Wish: Equatable {
    var type: String
    var options: Node

    init(_ stage: Stage) {
      type = stage.type
      options = stage.options
    }
  }
}
