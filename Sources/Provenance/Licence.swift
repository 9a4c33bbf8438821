internal import Model

/// What a package's copyright file says of its licences.
package struct Licence: Sendable, Equatable {
  /// An SPDX licence expression (SPDX 2.3, annex D).
  package var expression: String
  /// The licences in it that are not on SPDX's list.
  package var others: [Other]

  package struct Other: Sendable, Equatable {
    /// `LicenseRef-…`, which has a digest of the text, as packages use one name for different texts.
    package var id: String
    /// As the copyright file has it.
    package var name: String
    package var text: String
  }
}

/// The licences of packages, by their names.
struct Licences {
  private var byName: [ByteString: Licence] = [:]

  init(of packages: [Package]) {
    var copyrights: [ByteString: Package.Copyright] = [:]
    for package in packages { copyrights[ByteString(package.name)] = package.copyright }
    for package in packages {
      var copyright = package.copyright
      // A link to another link would be against the policy.
      if case .asIn(let other) = copyright { copyright = copyrights[ByteString(other)] ?? .none }
      guard case .text(let text) = copyright, let licence = CopyrightFile(text)?.licence else {
        continue
      }
      byName[ByteString(package.name)] = licence
    }
  }

  subscript(_ name: String) -> Licence? { byName[ByteString(name)] }
}
