import Files
import Model
import Processes
import Testing

/// The pages that people read, with each other.
@Suite struct DocumentationTests {
  @Test func `links lead to pages and headings that exist`() throws {
    var pages: [String: String] = [:]
    for folder in ["", "docs/", "docs/modules/", "docs/decisions/"] {
      for name in try Files.names(in: "\(root)/\(folder)") where name.hasSuffix(".md") {
        pages[folder + name] = try Files.readText("\(root)/\(folder)\(name)")
      }
    }
    #expect(pages.count > 50)
    let proses = pages.mapValues { prose(of: $0) }
    let headings = proses.mapValues { anchors(of: $0) }
    for (page, prose) in proses {
      for link in prose.matches(of: /\]\(([^)\s]+)\)/).map({ String($0.1) })
      where !link.hasPrefix("https://") {
        let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts[0].isEmpty ? page : resolved(String(parts[0]), from: page)
        guard Files.exists("\(root)/\(path)") else {
          Issue.record("\(page): there is no \(link)")
          continue
        }
        if parts.count == 2, let anchors = headings[path] {
          #expect(anchors.contains(String(parts[1])), "\(page): \(link)")
        }
      }
    }
  }

  @Test func `docs/README.md lists every page of docs`() throws {
    let index = try Files.readText("\(root)/docs/README.md")
    for page in try Files.names(in: "\(root)/docs")
    where page.hasSuffix(".md") && page != "README.md" {
      #expect(index.contains("](\(page))"), "\(page)")
    }
  }

  @Test func `every error has a remedy, or an entry in docs/troubleshooting.md`() throws {
    let outcome = try Command(["python3", "-B", root + "/tools/check-messages"]).run()
    #expect(outcome.ending == .exit(0), "\(outcome.text)\(outcome.errorText)")
  }

  /// A path from the top, of one that is seen from a page.
  private func resolved(_ path: String, from page: String) -> String {
    var parts = page.split(separator: "/").dropLast().map(String.init)
    for part in path.split(separator: "/") where part != "." {
      if part == ".." { parts.removeLast() } else { parts.append(String(part)) }
    }
    return parts.joined(separator: "/")
  }

  /// A page without its blocks of code.
  private func prose(of text: String) -> String {
    let parts = text.split(separator: "```", omittingEmptySubsequences: false)
    return parts.indices.filter { $0 % 2 == 0 }.map { String(parts[$0]) }.joined()
  }

  /// What links name headings by, as GitHub makes them: lower case, hyphens for spaces, no punctuation.
  private func anchors(of prose: String) -> Set<String> {
    let headings = prose.split(separator: "\n").filter { $0.hasPrefix("#") }
    return Set(
      headings.map { heading in
        let words = heading.drop { $0 == "#" }.drop { $0 == " " }
        let kept = words.lowercased().filter {
          $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == " "
        }
        return kept.replacing(" ", with: "-")
      })
  }
}
