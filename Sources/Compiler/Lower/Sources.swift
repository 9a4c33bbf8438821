internal import Hashing
internal import Model

/// All content that the stages of a recipe read, by digest.
func sources(of recipe: Recipe, with lock: Lock, for architecture: Architecture) -> [Digest:
  Source]
{
  var sources: [Digest: Source] = [:]
  for package in lock.system.packages + (lock.tools?.packages ?? []) {
    sources[package.digest] = .download(
      Source.Download(name: package.file, size: package.size, urls: [package.url]))
  }
  func add(_ bytes: [UInt8]) {
    let digest = SHA256.digest(bytes)
    sources[digest] = .inline(Source.Inline(name: digest.hex, inline: base64(bytes)))
  }
  for module in recipe.modules {
    guard case .files(let files) = module.value else { continue }
    for file in files.files.flatMap({ $0.content.files(lock.contents) }) { add(file.bytes) }
  }
  for image in recipe.images {
    for file in DiskPlan(image.value, of: recipe.name, on: architecture).files { add(file.bytes) }
  }
  return sources
}

/// Base64 as RFC 4648, section 4 has it, padded.
func base64(_ bytes: [UInt8]) -> String {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var text: [UInt8] = []
  text.reserveCapacity((bytes.count + 2) / 3 * 4)
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let group = bytes[start..<min(start + 3, bytes.count)]
    let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
    for place in 0..<4 {
      let digit = alphabet[bits >> (18 - 6 * place) & 63]
      text.append(place <= group.count ? digit : UInt8(ascii: "="))
    }
  }
  return String(decoding: text, as: UTF8.self)
}
