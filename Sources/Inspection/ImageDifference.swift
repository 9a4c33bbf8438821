package import Runner

/// What differs between two images: in their files, their partitions, and their formats.
package struct ImageDifference: Sendable {
  /// What differs in one place.
  package struct Finding: Sendable {
    package enum What: Sendable {
      /// Something that is said of the place: in the one, and in the other.
      case fact(name: String, old: String?, new: String?)
      case files([FileFinding])
      /// Bytes that are no files, or of what cannot be looked into: where they begin to differ.
      case bytes(Excerpt, of: ImageKind = .other)
      /// The same files, but other bytes around them: how a format or a file system keeps them.
      case form(Excerpt)
    }

    /// The way to the place: a partition, an image in an image; empty for the image as a whole.
    package var place: [String]
    package var what: What
  }

  package var findings: [Finding] = []

  package var isEmpty: Bool { findings.isEmpty }
}
