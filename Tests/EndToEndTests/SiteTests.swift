import Files
import Model
import Processes
import TestSupport
import Testing

extension EndToEnd {
  /// The documentation as a site, by Debian's mkdocs.
  @Suite(
    .serialized, .besideAnother, .removing("site"),
    .enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full"))
  struct Site {
    private static let program = Places.repository + "/tools/build-site"
    private static let folder = scratch + "/site"

    private static let built = Result { () throws(Failure) -> String in
      let place = folder + "/first"
      _ = try Command([program, place]).runChecked()
      return place
    }

    @Test func `the same pages give the same bytes`() throws {
      let first = try Self.built.get()
      let second = Self.folder + "/second"
      _ = try Command([Self.program, second]).runChecked()
      try tool(["diff", "-r", first, second], from: "diffutils")
    }

    @Test func `it has every page`() throws {
      let site = try Self.built.get()
      for folder in ["", "modules/", "decisions/"] {
        for page in try Files.names(in: "\(Places.repository)/docs/\(folder)")
        where page.hasSuffix(".md") {
          let name = page == "README.md" ? "index" : String(page.dropLast(".md".count))
          #expect(Files.exists("\(site)/\(folder)\(name).html"), "\(folder)\(page)")
        }
      }
      for page in ["overview", "architecture", "contributing", "changelog"] {
        #expect(Files.exists("\(site)/\(page).html"), "\(page)")
      }
    }

    @Test func `its pages load nothing from elsewhere`() throws {
      let site = try Self.built.get()
      let found = try tool(
        ["find", site, "-name", "*.html", "-o", "-name", "*.css"], from: "findutils")
      let pages = found.split(separator: "\n").map(String.init)
      #expect(pages.count > 50)
      let element =
        /<(?:script|link|img|iframe|source)\b[^>]*\b(?:src|href)=["']?(?:https?:)?\/\/[^>]*>/
      let style = /(?:url\(|@import )\s*["']?(?:https?:)?\/\/[^)]*/
      for page in pages {
        let text = try Files.readText(page)
        let foreign = text.firstMatch(of: element)?.0 ?? text.firstMatch(of: style)?.0
        #expect(foreign == nil, "\(page)")
      }
    }

    @Test func `it replaces an earlier site, and nothing else`() throws {
      let place = Self.folder + "/third"
      try Files.makeDirectories(place)
      try Files.write([], to: place + "/letter")
      let refused = try Command([Self.program, place]).run()
      #expect(refused.ending == .exit(1) && Files.exists(place + "/letter"))
      #expect(refused.errorText.contains("exists and is not a site"), "\(refused.errorText)")
      try Files.removeTree(place + "/letter")
      for _ in 0..<2 { _ = try Command([Self.program, place]).runChecked() }
      #expect(try Command([Self.program]).run().ending == .exit(2))
    }

    @Test func `the reference of the libraries has what stages are written with`() throws {
      let program = Places.repository + "/tools/build-api"
      let place = Self.folder + "/api"
      try Files.makeDirectories(place)
      try Files.write([], to: place + "/letter")
      let refused = try Command([program, place]).run()
      #expect(refused.ending == .exit(1) && Files.exists(place + "/letter"))
      #expect(refused.errorText.contains("exists and is not a reference"), "\(refused.errorText)")
      try Files.removeTree(place + "/letter")
      _ = try Command([program, place]).runChecked()
      for page in [
        "particle-os", "stagekit/stagebody", "stagekit/tree", "stagecontracts", "model/manifest",
        "trees", "files", "tar", "processes", "hashing",
      ] {
        #expect(Files.exists("\(place)/documentation/\(page)/index.html"), "\(page)")
      }
      #expect(try Command([program]).run().ending == .exit(2))
    }

    @Test(arguments: ["build-site", "build-api"]) func `shellcheck takes the program`(name: String)
      throws
    {
      try tool(["shellcheck", "\(Places.repository)/tools/\(name)"], from: "shellcheck")
    }
  }
}
