import Files
import Processes
import TestSupport
import Testing

extension EndToEnd {
  /// `particle report`, of the chain's build.
  @Suite(.serialized, .besideAnother, .removing("report")) struct Reports {
    private static let folder = scratch + "/report"
    private let chain: Chain

    init() throws {
      chain = try Chain.shared.get()
      try Files.makeDirectories(Self.folder)
    }

    private func report(_ options: [String] = []) throws -> String {
      try succeeding(
        ["particle", "report", chain.manifestPath, "--store", chain.first.store, "-o", "-"]
          + options)
    }

    @Test func `a report has the build's outputs, contents and packages, twice the same`() throws {
      let page = try report()
      #expect(try report() == page)
      for export in chain.reports[0].exports {
        #expect(page.contains("<td>\(export.name)</td>") && page.contains(export.sha256))
      }
      for text in [
        "<title>linux-image-", "<title>/usr/lib: ", "<td>base-files</td>", "minimal.yml:",
      ] {
        #expect(page.contains(text), "\(text)")
      }
      #expect(page.contains("<section id=\"contents\">"))
      // It needs nothing from elsewhere.
      for word in ["src=", "http:", "https:", "<script", "@import", "url("] {
        #expect(!page.contains(word), "\(word)")
      }
    }

    @Test func `it says what ran, and what changed`() throws {
      let run = try succeeding([
        "particle-run", chain.manifestPath, "--store", chain.first.store, "-o", chain.first.out,
        "--json",
      ])
      try Files.write(Array(run.utf8), to: Self.folder + "/run.json")
      let recipes = Self.folder + "/recipes"
      try tool(["cp", "-r", Places.repository + "/recipes", recipes], from: "coreutils")
      let recipe = try Files.readText(recipes + "/minimal.yml")
        .replacing("Europe/Berlin", with: "Europe/Paris")
      try Files.write(Array(recipe.utf8), to: recipes + "/minimal.yml")
      let other = Self.folder + "/other.json"
      _ = try succeeding(["particle-compile", recipes + "/minimal.yml", "-o", other])
      let page = try report(["--run", Self.folder + "/run.json", "--since", other])
      #expect(page.contains("<td>from the store</td>") && !page.contains("<td>ran</td>"))
      #expect(page.contains("Europe/Paris"))
      let wrong = try particle([
        "particle", "report", chain.manifestPath, "--store", chain.first.store, "-o", "-", "--run",
        other,
      ])
      #expect(
        wrong.ending == .exit(2) && wrong.errors.contains("no list of stages"), "\(wrong.said)")
      let unbuilt = try particle([
        "particle", "report", other, "--store", chain.first.store, "-o", Self.folder + "/x.html",
      ])
      #expect(unbuilt.ending == .exit(1) && unbuilt.errors.contains("build the manifest first"))
      #expect(!Files.exists(Self.folder + "/x.html"))
    }

    @Test(.enabled(if: FullTest.isOn, "only with PARTICLE_TEST=full"))
    func `a browser shows it, light and dark`() throws {
      let page = Self.folder + "/report.html"
      try Files.write(Array(try report().utf8), to: page)
      for (scheme, options) in [("light", [String]()), ("dark", ["--force-dark-mode"])] {
        let picture = "\(Self.folder)/\(scheme).png"
        try tool(
          [
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1280,2400",
            "--screenshot=" + picture,
          ] + options + ["file://" + page], from: "chromium")
        #expect(try size(of: picture) > 50_000)
      }
    }
  }
}
