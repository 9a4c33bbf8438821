package import Model

/// A Debian package that an image holds.
package struct Component: Sendable, Equatable {
  package var name: String
  package var version: String
  package var architecture: String
  /// The name and version of the source package it was built from.
  package var source: (name: String, version: String)
  /// NAME <ADDRESS> of whoever maintains it; nil where its .deb is not known.
  package var maintainer: String?
  package var homepage: String?
  /// Its .deb; nil where it came with a container image.
  package var file: File?
  package var licence: Licence?

  package struct File: Sendable, Equatable {
    package var digest: Digest
    package var address: String?
    /// Whether it is from an archive that the recipe adds to Debian's, or from a file of the recipe's.
    package var isForeign: Bool
  }

  /// The package URL (purl-spec, type `deb`).
  ///
  /// - Parameter release: The code name of the Debian release.
  /// - Returns: `pkg:deb/debian/NAME@VERSION?arch=…&distro=…`.
  func purl(release: String?) -> String {
    let vendor = file?.isForeign == true ? "" : "debian/"
    let distribution = release.map { "&distro=\(Self.encoded($0))" } ?? ""
    return "pkg:deb/\(vendor)\(Self.encoded(name))@\(Self.encoded(version))"
      + "?arch=\(architecture)" + distribution
  }

  /// Percent-encoding but for what RFC 3986 calls unreserved.
  private static func encoded(_ text: String) -> String {
    text.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        String(UnicodeScalar(byte))
      default:
        "%" + String(byte >> 4, radix: 16, uppercase: true)
          + String(byte & 15, radix: 16, uppercase: true)
      }
    }.joined()
  }

  package static func == (a: Self, b: Self) -> Bool {
    a.name == b.name && a.version == b.version && a.architecture == b.architecture
      && a.source == b.source && a.maintainer == b.maintainer && a.homepage == b.homepage
      && a.file == b.file && a.licence == b.licence
  }
}
