package import Model

extension Manifest {
  /// Whether something in it is not for everybody: hashes of passwords, and files that are given whole here and that others
  /// may not read in the image.
  package var hasSecrets: Bool {
    pipelines.contains { pipeline in
      pipeline.stages.contains { stage in
        let digests = stage.inputs.values.flatMap { input -> [Digest] in
          if case .sources(let digests) = input { digests } else { [] }
        }
        let inline = digests.compactMap { digest -> String? in
          guard case .inline(let source)? = sources[digest] else { return nil }
          return source.name
        }
        return stage.options.hasSecrets(inline: inline)
      }
    }
  }
}

extension Node {
  /// The same of a value in a stage's options; `inline` are the names of the files whose content is in the manifest.
  fileprivate func hasSecrets(inline: [String]) -> Bool {
    switch value {
    case .list(let items): return items.contains { $0.hasSecrets(inline: inline) }
    case .object(let members):
      if case .string(let name)? = self["source"]?.value, isPrivate, inline.contains(name) {
        return true
      }
      return members.contains { member in
        if member.key == "password-hash", case .string = member.value.value { return true }
        return member.value.hasSecrets(inline: inline)
      }
    default: return false
    }
  }

  /// Whether it is a file that others may not read in the image.
  var isPrivate: Bool {
    guard case .string(let mode)? = self["mode"]?.value, let bits = UInt32(mode, radix: 8)
    else { return false }
    return bits & 0o004 == 0
  }
}
