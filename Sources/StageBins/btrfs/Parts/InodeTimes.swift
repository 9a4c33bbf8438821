internal import Files
internal import Glibc
internal import Model
internal import StageKit

/// The times of inodes in a new Btrfs file system, and the transactions of their extended attributes.
///
/// mkfs.btrfs takes over those of the files it copies, when they were read and when they were
/// changed in any way among them: no program can set the latter. Here all become that of the last
/// change of content, in each leaf of a tree that is on the disk; older versions of leaves, which
/// mkfs.btrfs leaves behind, are among them. Of an attribute, mkfs.btrfs leaves its transaction to whatever was in its
/// memory (btrfs-progs 6.14): it becomes that of the block.
struct InodeTimes {
  /// Of the file system.
  let uuid: String

  /// The size of mkfs.btrfs's tree blocks, which lie at multiples of it.
  private static let block = 16 << 10

  /// Places in a block, and in what it holds (Linux: include/uapi/linux/btrfs_tree.h).
  private enum Field {
    static let checksum = 0..<32
    static let uuid = 32..<48
    static let generation = 80..<88
    static let count = 96..<100
    static let level = 100
    static let items = 101
    /// The length of an item's key and of the place and size of its data; and of a key and the
    /// block that it leads to, in a block above the leaves.
    static let item = 25
    static let pointer = 33
    static let type = 8
    static let place = 17..<21
    static let size = 21..<25
    /// In an attribute: its transaction, the sizes of its value and its name, and its own without these
    /// (struct btrfs_dir_item).
    static let transaction = 17..<25
    static let value = 25..<27
    static let name = 27..<29
    static let attribute = 30
    static let accessed = 112..<124
    static let changed = 124..<136
    static let modified = 136..<148
    static let inode = 160
  }

  /// Changes them in the image.
  func settle(in image: String) throws(Failure) {
    let file = try FileDescriptor.open(image, O_RDWR)
    let size = try file.size()
    let uuid = uuidBytes(uuid)
    var position = 0
    while let data = file.nextData(from: position), data < size {
      position = data / Self.block * Self.block
      guard position + Self.block <= size else { return }
      // Most blocks are content, and their beginning says so.
      if try file.read(Field.uuid.count, at: position + Field.uuid.lowerBound) == uuid {
        let block = try file.read(Self.block, at: position)
        if let settled = settled(block) { try file.write(settled, at: position) }
      }
      position += Self.block
    }
  }

  /// A block with its times changed; nil for one that is none of a tree, or has nothing to change.
  ///
  /// Where items were moved away from they left what they were, times too: that becomes zeros.
  private func settled(_ block: [UInt8]) -> [UInt8]? {
    let isTree = number(block, 0..<4) == CRC32C.of(block[Field.checksum.upperBound...])
    guard isTree else { return nil }
    var settled = block
    let count = Int(number(block, Field.count))
    let isLeaf = block[Field.level] == 0
    let end = Field.items + count * (isLeaf ? Field.item : Field.pointer)
    guard end <= block.count else { return nil }
    var free = end..<block.count
    if isLeaf {
      for index in 0..<count {
        let item = Field.items + index * Field.item
        let place = item + Field.place.lowerBound
        let start = Field.items + Int(number(block, place..<place + 4))
        guard start >= end, start <= free.upperBound else { return nil }
        free = end..<start
        if block[item + Field.type] == Self.attributeKey {
          let size = Int(number(block, item + Field.size.lowerBound..<item + Field.size.upperBound))
          guard start + size <= block.count else { return nil }
          settleAttributes(start..<start + size, of: &settled)
        }
        // The key type BTRFS_INODE_ITEM_KEY.
        guard block[item + Field.type] == 1, start + Field.inode <= block.count else { continue }
        let modified = block[start + Field.modified.lowerBound..<start + Field.modified.upperBound]
        for field in [Field.accessed, Field.changed] {
          settled.replaceSubrange(
            start + field.lowerBound..<start + field.upperBound, with: modified)
        }
      }
    }
    for place in free { settled[place] = 0 }
    if settled == block { return nil }
    var sum = CRC32C.of(settled[Field.checksum.upperBound...]).littleEndian
    withUnsafeBytes(of: &sum) { settled.replaceSubrange(0..<4, with: $0) }
    return settled
  }

  /// The key type BTRFS_XATTR_ITEM_KEY.
  private static let attributeKey: UInt8 = 24

  /// Attributes whose names have one hash are in one item.
  private func settleAttributes(_ item: Range<Int>, of block: inout [UInt8]) {
    var start = item.lowerBound
    while start + Field.attribute <= item.upperBound {
      block.replaceSubrange(
        start + Field.transaction.lowerBound..<start + Field.transaction.upperBound,
        with: block[Field.generation])
      func size(_ field: Range<Int>) -> Int {
        Int(number(block, start + field.lowerBound..<start + field.upperBound))
      }
      start += Field.attribute + size(Field.value) + size(Field.name)
    }
  }

  /// Some bytes as a number, the least first.
  private func number(_ bytes: [UInt8], _ range: Range<Int>) -> UInt32 {
    bytes[range].reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }
}
