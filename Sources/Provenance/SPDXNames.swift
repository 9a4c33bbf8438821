/// SPDX's identifiers for the short names that Debian's copyright files use.
enum SPDXNames {
  /// - Parameter name: As a copyright file has it: `GPL-2+`, `Expat`, `GPL-2+ with OpenSSL exception`.
  /// - Returns: An SPDX licence expression; nil where SPDX's list has no licence that is certainly the same.
  static func expression(for name: String) -> String? {
    let words = name.split(separator: " ")
    if words.count == 1 { return licence(name) }
    guard words.count == 4, words[1].lowercased() == "with", words[3].lowercased() == "exception",
      let licence = licence(String(words[0])),
      let exception = exceptions[words[2].lowercased()]
    else { return nil }
    return "\(licence) WITH \(exception)"
  }

  private static func licence(_ name: String) -> String? {
    let lower = name.lowercased()
    if let known = others[lower] { return known }
    guard
      let match = lower.wholeMatch(
        of: /(gpl|lgpl|agpl|gfdl)(-niv)?-?v?([123])(\.[0-9])?(\.0)?(\+?)/)
    else { return nil }
    let (family, version) = (match.1.uppercased(), "\(match.3)\(match.4 ?? ".0")")
    guard versions[family]?.contains(version) == true else { return nil }
    let isInvariant = match.2 != nil
    guard !isInvariant || family == "GFDL" else { return nil }
    return "\(family)-\(version)\(isInvariant ? "-no-invariants" : "")"
      + (match.6.isEmpty ? "-only" : "-or-later")
  }

  private static let versions = [
    "GPL": ["1.0", "2.0", "3.0"], "LGPL": ["2.0", "2.1", "3.0"], "AGPL": ["1.0", "3.0"],
    "GFDL": ["1.1", "1.2", "1.3"],
  ]

  /// By names in lower case: DEP-5 does not mind the case.
  ///
  /// Source: copyright-format 1.0, "License short names", and the SPDX License List 3.24. Names that stand for
  /// different texts in different packages (BSD, MIT/X11, Artistic) are not here.
  private static let others: [String: String] = {
    let same = [
      "0BSD", "AFL-2.1", "AFL-3.0", "Apache-1.0", "Apache-1.1", "Apache-2.0", "Artistic-2.0",
      "BSD-2-Clause", "BSD-3-Clause", "BSD-4-Clause", "BSD-4-Clause-UC", "BSD-1-Clause",
      "BSD-Source-Code", "BSL-1.0", "CC-BY-3.0", "CC-BY-4.0", "CC-BY-SA-3.0", "CC-BY-SA-4.0",
      "CC0-1.0", "CDDL-1.0", "CPL-1.0", "EFL-2.0", "EPL-1.0", "EPL-2.0", "EUPL-1.2", "FSFAP",
      "FSFUL", "FSFULLR", "FTL", "HPND", "ICU", "IJG", "IPL-1.0", "ISC", "JSON", "LPPL-1.3c",
      "MIT", "MIT-0", "MIT-CMU", "MPL-1.0", "MPL-1.1", "MPL-2.0", "MS-PL", "NCSA", "NTP", "OFL-1.0",
      "OFL-1.1", "OLDAP-2.8", "OpenSSL", "PHP-3.01", "PostgreSQL", "Python-2.0", "QPL-1.0", "Ruby",
      "SGI-B-2.0", "SMLNJ", "Sleepycat", "TCL", "Unicode-3.0", "Unlicense", "Vim", "W3C", "WTFPL",
      "X11", "Zlib", "ZPL-2.1", "bzip2-1.0.6", "curl", "zlib-acknowledgement",
    ]
    var names = Dictionary(uniqueKeysWithValues: same.map { ($0.lowercased(), $0) })
    for (debian, spdx) in [
      ("apache-2", "Apache-2.0"), ("cc0", "CC0-1.0"), ("expat", "MIT"), ("libpng", "Libpng"),
      ("ofl", "OFL-1.1"), ("psf-2", "PSF-2.0"), ("sil-1.1", "OFL-1.1"), ("sil-ofl-1.1", "OFL-1.1"),
    ] { names[debian] = spdx }
    return names
  }()

  private static let exceptions = [
    "autoconf": "Autoconf-exception-2.0", "bison": "Bison-exception-2.2",
    "classpath": "Classpath-exception-2.0", "font": "Font-exception-2.0",
    "gcc": "GCC-exception-3.1", "libtool": "Libtool-exception",
    "openvpn-openssl": "openvpn-openssl-exception",
  ]
}
