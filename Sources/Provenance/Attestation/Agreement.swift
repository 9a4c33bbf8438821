internal import Files
internal import Glibc
internal import Hashing
package import Model

/// Where statements disagree: one sentence for each difference.
package enum Agreement {
  /// Compares statements with each other: the first that names an output is what the others are held against.
  package static func differences(of claims: [Claim]) -> [String] {
    var differences: [String] = []
    var known: [ByteString: (digest: Digest, file: String)] = [:]
    for claim in claims {
      guard claim.manifest == claims[0].manifest else {
        differences.append(
          "\(claim.file) is about the manifest \(claim.manifest), and \(claims[0].file) about"
            + " \(claims[0].manifest)")
        continue
      }
      for (name, digest) in claim.subjects.sorted(by: { $0.key < $1.key }) {
        guard let other = known[name] else {
          known[name] = (digest, claim.file)
          continue
        }
        if other.digest != digest {
          differences.append(
            "\(name) is \(other.digest) in \(other.file), and \(digest) in \(claim.file)")
        }
      }
    }
    return differences
  }

  /// Looks who vouches for each output.
  ///
  /// - Parameters:
  ///   - claims: The statements, each with who stands for it.
  ///   - least: How many different parties each output needs.
  ///   - kind: What a party is called: builder or signer.
  /// - Returns: A sentence for each output that has too few.
  package static func shortages(
    of claims: [(claim: Claim, party: String)], least: Int, _ kind: String
  ) -> [String] {
    var parties: [ByteString: Set<ByteString>] = [:]
    for (claim, party) in claims {
      for name in claim.subjects.keys { parties[name, default: []].insert(ByteString(party)) }
    }
    return parties.sorted { $0.key < $1.key }.compactMap { name, own in
      own.count >= least
        ? nil : "\(name) has the word of \(counted(own.count, kind)), and \(least) are required"
    }
  }

  /// Compares statements with what was built.
  ///
  /// - Parameters:
  ///   - claims: The statements.
  ///   - built: The digests, by the names of outputs.
  ///   - place: What that is called in a sentence.
  /// - Returns: A sentence for each difference.
  package static func differences(
    of claims: [Claim], against built: [ByteString: Digest], in place: String
  ) -> [String] {
    claims.flatMap { claim in
      claim.subjects.sorted { $0.key < $1.key }.compactMap { name, digest in
        guard let other = built[name] else {
          return "\(name) is in \(claim.file), and not in \(place)"
        }
        return other == digest
          ? nil : "\(name) is \(digest) in \(claim.file), and \(other) in \(place)"
      }
    }
  }

  /// Compares statements with the files in a directory; each file is read once.
  ///
  /// - Parameters:
  ///   - claims: The statements.
  ///   - directory: Where the files are, by the names of outputs.
  /// - Returns: A sentence for each difference.
  /// - Throws: When a file cannot be read.
  package static func differences(of claims: [Claim], files directory: String) throws(Failure)
    -> [String]
  {
    var built: [ByteString: Digest] = [:]
    for claim in claims {
      for name in claim.subjects.keys.sorted() where built[name] == nil {
        guard let text = name.text, fileNameFlaw(text) == nil else {
          throw Failure(
            "read", "'\(name)' in \(directory)",
            cause: "\(claim.file) names it, and it is not the name of a file",
            remedy: "use a statement whose subjects are names of files")
        }
        let path = "\(directory)/\(text)"
        if Files.exists(path) {
          built[name] = try SHA256.digest(
            // Of what a link leads to not even the digest is told.
            of: FileDescriptor.openRegular(path, O_RDONLY | O_NOFOLLOW)
          ).digest
        }
      }
    }
    return differences(of: claims, against: built, in: directory)
  }
}
