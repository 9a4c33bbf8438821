/// Content that comes from outside, known by its SHA-256.
package enum Source: Sendable, Equatable {
  /// A file to download: any of the URLs will do, they are tried in order.
  case download(Download)
  /// A small file carried in the manifest itself; the text is Base64.
  case inline(Inline)

  package struct Download: Sendable, Equatable {
    /// The file's name, for people and for stages that ask for names.
    package var name: String
    /// In bytes.
    package var size: Int
    package var urls: [String]

    package init(name: String, size: Int, urls: [String]) {
      self.name = name
      self.size = size
      self.urls = urls
    }
  }

  package struct Inline: Sendable, Equatable {
    package var name: String
    /// Base64 (RFC 4648, padded).
    package var inline: String

    package init(name: String, inline: String) {
      self.name = name
      self.inline = inline
    }
  }

  /// What all sources of a build may take together, in bytes: no machine has as much, and sums of sizes do not overflow.
  package static let mostBytes = 1 << 50

  package var name: String {
    switch self {
    case .download(let download): download.name
    case .inline(let inline): inline.name
    }
  }

  /// Manifests are shared: one with a login in it is refused, whoever reads it.
  private static let url = Schema<String>.string.refusing { text in
    guard withoutLogins(text) != text else { return nil }
    return (
      "the URL \(text) contains a user name or password",
      "compile the recipe again with a URL without them, and put the login into"
        + " /etc/apt/auth.conf.d or ~/.netrc, or use 'skopeo login'"
    )
  }

  /// In bytes, the largest file that ext4 can hold.
  private static let sizeLimit = 1 << 44

  private static let downloadSchema = Schema<Download>.object(
    Field("name", { $0.name }, .fileName, "The file's name."),
    Field("size", { $0.size }, .integer(0...sizeLimit), "The file's size in bytes."),
    Field("urls", { $0.urls }, .list(of: url), "Where the file is; tried in order."),
    make: { Download(name: $0, size: $1, urls: $2) })

  private static let inlineSchema = Schema<Inline>.object(
    Field("inline", { $0.inline }, .string, "The content in Base64."),
    Field("name", { $0.name }, .fileName, "The file's name."),
    make: { Inline(name: $1, inline: $0) })

  package static let schema = Schema<Source>(
    describe: {
      .object([("oneOf", .list([downloadSchema.describe(), inlineSchema.describe()]))])
    },
    decode: { node, problems in
      if node["inline"] != nil { return inlineSchema.decode(node, &problems).map(Source.inline) }
      return downloadSchema.decode(node, &problems).map(Source.download)
    },
    encode: { source in
      switch source {
      case .download(let download): downloadSchema.encode(download)
      case .inline(let inline): inlineSchema.encode(inline)
      }
    })
}
