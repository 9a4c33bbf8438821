import Files
import Hashing
import JSON
import Model
import Processes
import Provenance
import TestSupport
import Testing

/// Bills of materials, of packages that dpkg-deb built.
@Suite struct BillTests {
  private static let copyright = """
    Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
    Upstream-Name: tool

    Files: *
    Copyright: 2026 Somebody
    License: GPL-2+ or Artistic, and BSD-3-clause
     The whole text.

    Files: doc/*
    Copyright: 2026 Somebody
    License: Expat

    Files: m4/*
    Copyright: 2026 Somebody
    License: GPL-3+ with Autoconf exception

    Files: debian/*
    Copyright: 2026 Somebody
    License: GPL-2+ or Artistic, and BSD-3-clause

    License: Artistic
     Do what
     .
     you like.
    """

  /// A .deb, and its digest.
  private func package(
    _ name: String, in folder: String, compression: String = "xz", fields: String = "",
    _ files: [String: String] = [:], link: (String, to: String)? = nil
  ) throws -> (name: String, digest: Digest) {
    let tree = "\(folder)/\(name)"
    try Files.makeDirectories(tree + "/DEBIAN")
    let control = """
      Package: \(name)
      Version: 1:1.0+b1~x
      Architecture: amd64
      Maintainer: Some Body <body@example.org>
      Description: a tool
      \(fields)
      """
    try Files.write(Array((control + "\n").utf8), to: tree + "/DEBIAN/control")
    for (path, text) in files {
      try Files.makeDirectories("\(tree)/\(path.cut(atLast: "/")?.before ?? "")")
      try Files.write(Array(text.utf8), to: "\(tree)/\(path)")
    }
    if let link {
      try Files.makeDirectories("\(tree)/\(link.0.cut(atLast: "/")?.before ?? "")")
      _ = try Command(["ln", "-s", link.to, "\(tree)/\(link.0)"]).runChecked()
    }
    let made = "\(folder)/made.deb"
    _ = try Command(["dpkg-deb", "--root-owner-group", "-Z\(compression)", "-b", tree, made])
      .runChecked()
    let digest = SHA256.digest(try Files.read(made))
    try Files.rename(made, to: "\(folder)/\(digest.hex)")
    return ("\(name).deb", digest)
  }

  /// A manifest of an image with these packages, and of tools that are not in it.
  private func manifest(_ packages: [(name: String, digest: Digest)], tool: Digest) throws
    -> (Manifest, [UInt8])
  {
    let zero = "sha256:" + String(repeating: "0", count: 64)
    func stage(_ digests: [Digest], _ names: [String]) -> String {
      let files = digests.map { "\"\($0)\"" }.joined(separator: ", ")
      let installed = names.map {
        "{\"package\": \"\($0)\", \"architecture\": \"amd64\", \"version\": \"1:1.0+b1~x\"}"
      }.joined(separator: ", ")
      return """
        {"id": "\(zero)", "type": "debian.packages", "version": 4,
         "inputs": {"packages": {"sources": [\(files)]}},
         "options": {"steps": [], "installed": [\(installed)]}}
        """
    }
    let sources = (packages + [("tool.deb", tool)]).map { name, digest in
      """
      "\(digest)": {"name": "\(name)", "size": 1,
        "urls": ["https://archive.example/debian/pool/\(name)"]}
      """
    }
    let names = packages.map { String($0.name.dropLast(".deb".count)) }
    let text = """
      {"version": 1, "generator": {}, "recipe": {"name": "web", "digest": "\(zero)"},
       "architecture": "amd64", "epoch": "2026-09-12T00:00:00Z",
       "sources": {\(sources.joined(separator: ", "))},
       "pipelines": [
         {"name": "build", "stages": [\(stage([tool], ["tool"]))]},
         {"name": "os", "stages": [\(stage(packages.map(\.digest), names))]},
         {"name": "disk", "build": "name:build", "stages": [
           {"id": "\(zero)", "type": "disk", "version": 1, "options": {},
            "inputs": {"tree": {"pipeline": "name:os"}}}]}],
       "exports": {"disk.raw": {"pipeline": "disk", "path": "/disk.raw"}}}
      """
    let bytes = Array(text.utf8)
    return (try JSON.decode(Manifest.schema, from: bytes, file: "manifest").get(), bytes)
  }

  /// Three packages: with a copyright file, with a link to that of another, and with one for people only.
  private func packages(in folder: String) throws -> [(name: String, digest: Digest)] {
    [
      try package(
        "a", in: folder, fields: "Homepage: https://a.example\nSource: s (2)",
        ["usr/bin/a": "x", "usr/share/doc/a/copyright": Self.copyright]),
      try package(
        "b", in: folder, compression: "zstd", fields: "Homepage: javascript:alert(1)",
        link: ("usr/share/doc/b", to: "a")),
      try package(
        "c", in: folder, compression: "gzip", ["usr/share/doc/c/copyright": "Do what you like.\n"]),
    ]
  }

  private func bill(in folder: String) throws -> Bill {
    let packages = try packages(in: folder)
    let tool = try package("tool", in: folder)
    let (manifest, bytes) = try manifest(packages, tool: tool.digest)
    return try Bill(of: manifest, bytes, exports: []) { "\(folder)/\($0.hex)" }
  }

  @Test func `a bill has what is in the image, and not what only lends its tools`() throws {
    try withTemporaryDirectory { folder in
      let bill = try bill(in: folder)
      #expect(bill.components.map(\.name) == ["a", "b", "c"])
      let a = bill.components[0]
      #expect(a.source == ("s", "2"))
      #expect(a.homepage == "https://a.example")
      // Nothing for people to click on but a page.
      #expect(bill.components[1].homepage == nil)
      #expect(a.maintainer == "Some Body <body@example.org>")
      #expect(a.file?.address == "https://archive.example/debian/pool/a.deb")
    }
  }

  @Test func `licences are those of the copyright file, in the words of SPDX`() throws {
    try withTemporaryDirectory { folder in
      let bill = try bill(in: folder)
      let artistic = try #require(bill.components[0].licence?.others.first)
      #expect(artistic.name == "Artistic")
      #expect(artistic.text == "Do what\n.\nyou like.")
      #expect(artistic.id.begins(with: "LicenseRef-Artistic-"))
      #expect(
        bill.components[0].licence?.expression
          == "(GPL-2.0-or-later OR \(artistic.id)) AND BSD-3-Clause AND MIT AND"
          + " GPL-3.0-or-later WITH Autoconf-exception-2.0")
      #expect(bill.components[1].licence == bill.components[0].licence)
      #expect(bill.components[2].licence == nil)
    }
  }

  @Test func `documents are the same each time, as they are kept`() throws {
    try withTemporaryDirectory { folder in
      let bill = try bill(in: folder)
      // What dpkg-deb writes depends on its version, and on the time.
      func plain(_ node: Node) -> String {
        var text = node.prettyText
        for (index, component) in bill.components.enumerated() {
          text = text.replacing(component.file?.digest.hex ?? "-", with: "(package \(index + 1))")
        }
        let id = bill.manifest.hex
        return text.replacing(id, with: "(manifest)")
          .replacing(
            /urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/,
            with: "(uuid)")
      }
      try golden("Golden/spdx.json", plain(bill.spdx))
      try golden("Golden/cyclonedx.json", plain(bill.cycloneDX))
    }
  }

  @Test func `a package that is not in the store is named, with what to do`() throws {
    try withTemporaryDirectory { folder in
      let packages = try packages(in: folder)
      let tool = try package("tool", in: folder)
      let (manifest, bytes) = try manifest(packages, tool: tool.digest)
      try Files.removeTree("\(folder)/\(packages[1].digest.hex)")
      let failure = #expect(throws: Failure.self) {
        try Bill(of: manifest, bytes, exports: []) { "\(folder)/\($0.hex)" }
      }
      #expect(failure?.cause == "1 of 3 package files are not in the store, such as b.deb")
      #expect(failure?.remedy?.contains("particle run") == true)
    }
  }

  @Test func `an export that is not there is refused with those that are`() throws {
    try withTemporaryDirectory { folder in
      let packages = try packages(in: folder)
      let tool = try package("tool", in: folder)
      let (manifest, bytes) = try manifest(packages, tool: tool.digest)
      let refusal = #expect(throws: Refusal.self) {
        try Bill(of: manifest, bytes, exports: ["disk.qcow2"]) { "\(folder)/\($0.hex)" }
      }
      #expect(refusal?.diagnostics.first?.remedy == "choose one of disk.raw")
    }
  }
}
