package import Model

/// Text of a page: what comes from elsewhere is escaped where it is put in.
package struct HTML: ExpressibleByStringInterpolation {
  package private(set) var text: String

  package init(stringLiteral value: String) { text = value }
  package init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

  package struct Interpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    package init(literalCapacity: Int, interpolationCount: Int) {}

    package mutating func appendLiteral(_ literal: String) { text += literal }

    /// A text from elsewhere: no markup, and nothing that hides or turns what follows.
    package mutating func appendInterpolation(_ value: String) {
      text += HTML.escaped(shownLines(value))
    }
    package mutating func appendInterpolation(_ value: Int) { text += "\(value)" }
    package mutating func appendInterpolation(_ value: ByteCount) { text += value.description }
    package mutating func appendInterpolation(_ value: HTML) { text += value.text }
    package mutating func appendInterpolation(_ value: [HTML]) {
      text += value.map(\.text).joined()
    }

    /// A length in a drawing, to a tenth.
    package mutating func appendInterpolation(length: Double) {
      let tenths = Int((length * 10).rounded())
      text += "\(tenths / 10).\(tenths % 10)"
    }
  }

  /// Scalar by scalar: to Swift, a '<' behind some characters is a part of them, and to a browser it is a '<'.
  private static func escaped(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result.append(contentsOf: "&amp;".unicodeScalars)
      case "<": result.append(contentsOf: "&lt;".unicodeScalars)
      case ">": result.append(contentsOf: "&gt;".unicodeScalars)
      case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
      case "'": result.append(contentsOf: "&#39;".unicodeScalars)
      default: result.append(scalar)
      }
    }
    return String(result)
  }
}
