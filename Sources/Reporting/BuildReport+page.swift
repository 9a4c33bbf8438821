internal import Compiler
internal import Model
internal import Provenance

extension BuildReport {
  /// The whole page: HTML that needs no other file, no script and no network.
  package var page: String {
    let page: HTML = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(manifest.recipe.name): what was built</title>
      <style>\(HTML(stringLiteral: Self.style))</style>
      </head>
      <body>
      <header>
      <h1>\(manifest.recipe.name)</h1>
      <p>\(manifest.architecture.rawValue), as of \(manifest.epoch.description), built by particle-os \
      \(manifest.generator["particle-compile"] ?? particleVersion)</p>
      <nav>\(links)</nav>
      </header>
      <main>
      \(outputSection)
      \(changeSection)
      \(systems.map(systemSection))
      \(stageSection)
      \(packageSection)
      \(rebuildSection)
      </main>
      </body>
      </html>

      """
    return page.text
  }

  private var links: [HTML] {
    var names = [("outputs", "Outputs")]
    if since != nil { names.append(("changes", "Changes")) }
    if !systems.isEmpty { names.append(("contents", "Contents")) }
    names += [("stages", "Stages"), ("packages", "Packages"), ("rebuild", "Rebuild")]
    return names.map { id, name in "<a href=\"#\(id)\">\(name)</a> " }
  }

  private var outputSection: HTML {
    let rows: [HTML] = outputs.map { output in
      """
      <tr><td>\(output.name)</td><td class="number">\(ByteCount(output.size))</td>\
      <td class="digest">\(output.digest.hex)</td></tr>
      """
    }
    let note: HTML =
      outputs.contains(where: \.isDirectory)
      ? "<p class=\"note\">The digest of a directory is that of its listing, NAME.listing.</p>" : ""
    return """
      <section id="outputs">
      <h2>Outputs</h2>
      <table><thead><tr><th>Output</th><th class="number">Size</th><th>SHA-256</th></tr></thead>
      <tbody>\(rows)</tbody></table>
      \(note)
      </section>
      """
  }

  private var changeSection: HTML {
    guard let since else { return "" }
    let text = since.difference.text
    let body: HTML =
      text.isEmpty ? "<p>Nothing has changed.</p>" : "<pre>\(text)</pre>"
    return """
      <section id="changes">
      <h2>Changes since \(since.name)</h2>
      \(body)
      </section>
      """
  }

  private static let contentsID: HTML = " id=\"contents\""

  private func systemSection(_ system: System) -> HTML {
    """
    <section\(system == systems.first ? Self.contentsID : "")>
    <h2>What fills \(system.name)</h2>
    <p>\(ByteCount(system.bytes)) in \(counted(system.files, "file")), not compressed.</p>
    <h3>By package</h3>
    \(treemap(system.packages, of: system.bytes))
    <h3>By directory</h3>
    \(treemap(system.directories, of: system.bytes))
    </section>
    """
  }

  /// A picture of parts; names stand where there is room, and in a table for all.
  private func treemap(_ portions: [Portion], of total: Int) -> HTML {
    let (width, height) = (960.0, 360.0)
    // The sum of all others is at the end, and may be the largest.
    let sorted = portions.sorted { $0.bytes > $1.bytes }
    let map = Treemap(sorted.map(\.bytes), width: width, height: height)
    let boxes: [HTML] = zip(sorted, map.areas).enumerated().map { number, part in
      let (portion, area) = part
      let letters = Int(area.width / 7) - 1
      let hasRoom = area.height > 20 && letters > 3
      let name = portion.name.cut(to: max(1, letters))
      let label: HTML =
        hasRoom
        ? "<text x=\"\(length: area.x + 5)\" y=\"\(length: area.y + 15)\">\(name)</text>"
        : ""
      return """
        <g class="shade\(number % 6)"><title>\(portion.name): \(ByteCount(portion.bytes))</title>\
        <rect x="\(length: area.x)" y="\(length: area.y)" width="\(length: area.width)" \
        height="\(length: area.height)"/>\(label)</g>
        """
    }
    let rows: [HTML] = sorted.map { portion in
      let tenths = total > 0 ? Int((Double(portion.bytes) * 1000 / Double(total)).rounded()) : 0
      return """
        <tr><td>\(portion.name)</td><td class="number">\(ByteCount(portion.bytes))</td>\
        <td class="number">\(tenths / 10).\(tenths % 10) %</td></tr>
        """
    }
    return """
      <svg class="treemap" viewBox="0 0 960 360" role="img" aria-label="Sizes as areas">\(boxes)</svg>
      <details><summary>As a table</summary>
      <table><thead><tr><th>Name</th><th class="number">Size</th><th class="number">Share</th></tr></thead>
      <tbody>\(rows)</tbody></table></details>
      """
  }

  private var stageSection: HTML {
    let longest = max(1, stages.compactMap(\.milliseconds).max() ?? 1)
    let sum = stages.reduce(0) { $0 + ($1.milliseconds ?? 0) }
    let rows: [HTML] = stages.map { stage in
      let share = Double(stage.milliseconds ?? 0) * 100 / Double(longest)
      let time: HTML = stage.milliseconds.map { "\(Self.seconds($0)) s" } ?? "not known"
      let state: HTML = stage.isHit.map { $0 ? "from the store" : "ran" } ?? ""
      return """
        <tr><td>\(stage.pipeline)</td><td>\(stage.type)</td><td>\(stage.origin?.description ?? "")</td>\
        <td class="bar"><div class="\(stage.isHit == true ? "hit" : "run")" \
        style="width:\(length: share)%"></div></td><td class="number">\(time)</td><td>\(state)</td></tr>
        """
    }
    return """
      <section id="stages">
      <h2>Stages</h2>
      <p>\(counted(stages.count, "stage")), \(Self.seconds(sum)) s in all when each of them ran; stages that do not
      need each other run at the same time.</p>
      <table class="stages"><thead><tr><th>Pipeline</th><th>Stage</th><th>Recipe</th><th>Time</th>\
      <th class="number"></th><th></th></tr></thead>
      <tbody>\(rows)</tbody></table>
      </section>
      """
  }

  private static func seconds(_ milliseconds: Int) -> String {
    "\(milliseconds / 1000).\(milliseconds / 100 % 10)"
  }

  private var packageSection: HTML {
    let rows: [HTML] = bill.components.map { component in
      """
      <tr><td>\(component.name)</td><td>\(component.version)</td><td>\(component.architecture)</td>\
      <td>\(component.licence?.expression ?? "not stated in a machine-readable form")</td></tr>
      """
    }
    return """
      <section id="packages">
      <h2>Packages</h2>
      <p>\(counted(bill.components.count, "package")). Licences are those of the packages' copyright files.</p>
      <table><thead><tr><th>Package</th><th>Version</th><th>Architecture</th><th>Licence</th></tr></thead>
      <tbody>\(rows)</tbody></table>
      </section>
      """
  }

  private var rebuildSection: HTML {
    """
    <section id="rebuild">
    <h2>Rebuild</h2>
    <p>The manifest with the SHA-256 <code>\(digest.hex)</code> gives the same bytes on any machine:</p>
    <pre>particle run manifest.json -o out
    cd out &amp;&amp; sha256sum --check SHA256SUMS</pre>
    <p>The recipe had the SHA-256 <code>\(manifest.recipe.digest.hex)</code>.</p>
    </section>
    """
  }
}
