import Reporting
import Testing

/// Texts from elsewhere in a page.
@Suite struct HTMLTests {
  @Test func `a text from elsewhere is no markup`() {
    let name = "<script>alert('x')</script> & \"y\""
    let page: HTML = "<td title=\"\(name)\">\(name)</td>"
    let escaped =
      "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;y&quot;"
    #expect(page.text == "<td title=\"\(escaped)\">\(escaped)</td>")
  }

  @Test func `what turns a text or hides it is shown`() {
    let hidden: HTML = "\("\u{600}<img src=x onerror=alert(1)>\u{600}\"\u{600}&")"
    #expect(!hidden.text.unicodeScalars.contains { $0 == "<" || $0 == ">" || $0 == "\"" })
    let page: HTML = "\("a\u{202e}b\u{1b}[2J")"
    #expect(!page.text.unicodeScalars.contains("\u{202e}"))
    #expect(!page.text.unicodeScalars.contains("\u{1b}"))
  }

  @Test func `lengths are to a tenth`() {
    let page: HTML = "\(length: 12.345) \(length: 0) \(length: 99.96)"
    #expect(page.text == "12.3 0.0 100.0")
  }
}
