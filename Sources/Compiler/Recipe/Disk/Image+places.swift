internal import Model
internal import StageContracts

extension Image {
  /// Follows the partitions over the disk.
  func refusePlaces(_ problems: inout Problems) {
    let unit = Self.alignment
    let tail = table.value == .gpt ? unit : 0
    var end = unit
    for (index, partition) in (partitions ?? []).enumerated() {
      if let start = partition.start {
        guard start.value.bytes % unit == 0 else {
          problems.report(
            "the partition '\(partition.name)' begins at \(start.value), which is not a whole"
              + " number of MiB",
            at: start.mark, remedy: "use a whole number of MiB")
          return
        }
        guard start.value.bytes >= end else {
          problems.report(
            index == 0
              ? "the partition '\(partition.name)' overlaps the partition table"
              : "the partition '\(partition.name)' overlaps the one before it", at: start.mark,
            remedy: "begin it at \(ByteSize(bytes: end)) or later, or remove 'start'")
          return
        }
        end = start.value.bytes
      }
      guard case .fixed(let fixed) = partition.room(beside: boot?.loader) else {
        if partition.content?.isReadOnly == true { continue }
        guard size == nil || index == (partitions?.count ?? 0) - 1 else {
          problems.report(
            "the partition '\(partition.name)' takes the rest of the disk, but others follow it",
            at: partition.size?.mark ?? partition.mark,
            remedy: "give it a size, move it to the end, or use 'size: auto' for the disk")
          return
        }
        // What follows in a disk of any size begins where only the build knows.
        if size == nil { end = refuseLaterStarts(after: index, &problems) ?? end }
        if size == nil { return }
        continue
      }
      guard fixed.bytes % unit == 0 else {
        problems.report(
          "the partition '\(partition.name)' ends at \(fixed), which is not a whole number of MiB",
          at: partition.size?.mark ?? partition.mark, remedy: "use a whole number of MiB")
        return
      }
      end += fixed.bytes
    }
    guard let size, end + tail > size.bytes else { return }
    let missing = ByteSize(bytes: (end + tail - size.bytes + unit - 1) / unit * unit)
    problems.report(
      "the partitions need \(ByteSize(bytes: end + tail)), but the disk has only \(size)",
      at: partitions?.last?.size?.mark ?? partitions?.last?.mark,
      remedy: "enlarge the disk by \(missing), or shrink the partitions")
  }

  private func refuseLaterStarts(after index: Int, _ problems: inout Problems) -> Int? {
    for partition in (partitions ?? []).dropFirst(index + 1) {
      guard let start = partition.start else { continue }
      problems.report(
        "the partition '\(partition.name)' has a 'start', but a partition before it has no size",
        at: start.mark, remedy: "add a size to the ones before it, or remove 'start'")
    }
    return nil
  }
}
