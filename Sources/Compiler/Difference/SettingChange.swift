internal import Hashing
package import Model
internal import StageContracts

/// An option of a stage that is not as it was.
package struct SettingChange: Sendable, Equatable {
  package var pipeline: String
  /// The stage's type.
  package var stage: String
  /// The way to the option: `users[admin].shell`; empty for the stage as a whole.
  package var option: String
  /// Nil where it was not there.
  package var old: Node?
  /// Nil where it is not there any more.
  package var new: Node?

  /// What the two stages of a pair are told, each otherwise than the other.
  static func changes(
    of pipeline: String, _ pair: StagePair, _ before: [Digest: Source], _ after: [Digest: Source]
  ) -> [SettingChange] {
    // Packages have their own list.
    guard pair.type != DebianPackages.name else { return [] }
    let old = pair.old.map { $0.type == FileCopies.name ? $0.options.withText(before) : $0.options }
    let new = pair.new.map { $0.type == FileCopies.name ? $0.options.withText(after) : $0.options }
    guard let old, let new else {
      return [
        SettingChange(pipeline: pipeline, stage: pair.type, option: "", old: old, new: new)
      ]
    }
    return compare(old, new, at: "").map { option, old, new in
      SettingChange(pipeline: pipeline, stage: pair.type, option: option, old: old, new: new)
    }
  }

  /// The same with stars in place of secrets: what is told of a difference goes into logs and comments.
  var withoutSecrets: SettingChange {
    let isSecret = Node.secrets.contains { option == $0 || option.hasSuffix(".\($0)") }
    var told = self
    told.old = isSecret ? old.map { _ in Node.hidden } : old?.withoutSecrets
    told.new = isSecret ? new.map { _ in Node.hidden } : new?.withoutSecrets
    return told
  }

  private typealias Change = (option: String, old: Node?, new: Node?)

  private static func compare(_ old: Node?, _ new: Node?, at path: String) -> [Change] {
    if old == new { return [] }
    guard let old, let new else { return [(path, old, new)] }
    switch (old.value, new.value) {
    case (.object(let before), .object(let after)):
      let keys = before.map(\.key) + after.map(\.key).filter { old[$0] == nil }
      return keys.flatMap { key in
        compare(old[key], new[key], at: path.isEmpty ? key : "\(path).\(key)")
      }
    case (.list(let before), .list(let after)):
      if let first = names(before), let others = names(after) {
        return compare(before, first, after, others, at: path)
      }
      let isPlain = (before + after).allSatisfy { item in
        if case .object = item.value { return false }
        return true
      }
      let gone = before.filter { !after.contains($0) }
      let came = after.filter { !before.contains($0) }
      guard isPlain, !gone.isEmpty || !came.isEmpty else { return [(path, old, new)] }
      return gone.map { (path, $0, nil) } + came.map { (path, nil, $0) }
    default: return [(path, old, new)]
    }
  }

  private static func compare(
    _ before: [Node], _ names: [String], _ after: [Node], _ others: [String], at path: String
  ) -> [Change] {
    let all = names + others.filter { !names.has($0) }
    let changes = all.flatMap { name in
      compare(
        names.firstIndex(where: { $0.isSame(as: name) }).map { before[$0] },
        others.firstIndex(where: { $0.isSame(as: name) }).map { after[$0] }, at: "\(path)[\(name)]")
    }
    // Only the order is another.
    return changes.isEmpty ? [(path, .list(before), .list(after))] : changes
  }

  /// What people call the items of a list by; nil where they have no such name, or share one.
  private static func names(_ items: [Node]) -> [String]? {
    for key in ["name", "destination", "target", "path", "id"] {
      let names = items.compactMap { item -> String? in
        guard case .string(let name)? = item[key]?.value else { return nil }
        return name
      }
      if names.count == items.count, Set(names.map { ByteString($0) }).count == names.count {
        return names
      }
    }
    return nil
  }
}

extension Node {
  /// The options of `files` with each file's text in place of its digest, where the manifest has it.
  fileprivate func withText(_ sources: [Digest: Source]) -> Node {
    guard case .object(let members) = value else { return self }
    let changed = members.map { member -> Member in
      guard member.key == "files", case .list(let files) = member.value.value else { return member }
      return Member(member.key, .list(files.map { $0.withContent(sources) }))
    }
    return Node(.object(changed))
  }

  private func withContent(_ sources: [Digest: Source]) -> Node {
    guard case .object(let members) = value else { return self }
    return Node(
      .object(
        members.map { member -> Member in
          guard member.key == "source", case .string(let hex) = member.value.value,
            let digest = Digest("sha256:\(hex)"), case .inline(let inline)? = sources[digest],
            let text = decodedText(inline.inline)
          else { return member }
          return Member(isPrivate ? "private content" : "content", .string(text))
        }))
  }

  /// The keys of secrets.
  fileprivate static let secrets = ["password-hash", "private content"]

  fileprivate static let hidden = Node.string("***")

  /// The same with stars in place of secrets.
  fileprivate var withoutSecrets: Node {
    switch value {
    case .list(let items): .list(items.map(\.withoutSecrets))
    case .object(let members):
      Node(
        .object(
          members.map { member in
            let isSecret = Self.secrets.contains(member.key)
            return Member(member.key, isSecret ? Self.hidden : member.value.withoutSecrets)
          }))
    default: self
    }
  }
}

/// The text that Base64 stands for; nil where it is none.
private func decodedText(_ base64: String) -> String? {
  var bytes: [UInt8] = []
  var (bits, count) = (0, 0)
  for byte in base64.utf8 where byte != UInt8(ascii: "=") {
    let digit: Int
    switch byte {
    case 65...90: digit = Int(byte) - 65
    case 97...122: digit = Int(byte) - 71
    case 48...57: digit = Int(byte) + 4
    case UInt8(ascii: "+"): digit = 62
    case UInt8(ascii: "/"): digit = 63
    default: return nil
    }
    bits = (bits << 6 | digit) & 0xffff
    count += 6
    if count >= 8 {
      count -= 8
      bytes.append(UInt8(bits >> count & 0xff))
    }
  }
  return String(validating: bytes, as: UTF8.self)
}
