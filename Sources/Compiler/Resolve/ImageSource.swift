internal import Model

/// What a container image is asked from.
protocol ImageSource {
  var image: ImageReference { get }

  /// The document that the image's name stands for, as it is: a manifest or an index.
  func inspect() throws(ResolveError) -> [UInt8]

  /// The image's manifest and its configuration, as they are.
  ///
  /// - Parameter digest: Of the manifest.
  /// - Returns: Both documents.
  /// - Throws: When the image cannot be fetched.
  func documents(_ digest: Digest) throws(ResolveError) -> (manifest: [UInt8], config: [UInt8])

  /// Brings the image with all its blobs into a folder, in the form of skopeo's `dir:`, unchanged: `manifest.json`, and
  /// the blobs by their digests' digits.
  ///
  /// - Parameters:
  ///   - digest: Of the manifest to take, where the image is an index.
  ///   - folder: Where it goes; made where it is not there.
  /// - Throws: When the image cannot be fetched.
  func copy(_ digest: Digest?, to folder: String) throws(ResolveError)
}
