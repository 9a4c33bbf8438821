internal import Files
internal import Processes

/// Container images with a Debian system so small that only apt can tell: its lists, no files.
package struct ImageFixture: Sendable {
  package let folder: String

  package init(in folder: String) throws {
    self.folder = "\(folder)/images"
    try Files.makeDirectories(self.folder)
  }

  /// What dpkg knows of a package that is installed.
  package static func installed(
    _ name: String, _ version: String = "1.0-1", _ fields: String = "",
    architecture: String = "amd64", status: String = "install ok installed"
  ) -> String {
    """
    Package: \(name)
    Status: \(status)
    Maintainer: Nobody <nobody@example.org>
    Architecture: \(architecture)
    Version: \(version)
    Description: a package\(fields.isEmpty ? "" : "\n" + fields)

    """
  }

  package static let debian = [
    "usr/lib/os-release":
      "PRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"\nID=debian\nVERSION_CODENAME=trixie\n",
    "var/lib/dpkg/status": [
      installed("base-files", "1.0-1", "Essential: yes"), installed("libc6"),
      installed("greeting", "1:1.0-1"), installed("quarrel", "1.0-1", "Conflicts: hello"),
      installed("was-there", status: "deinstall ok config-files"),
    ].joined(separator: "\n"),
    "var/lib/apt/extended_states":
      "Package: libc6\nArchitecture: amd64\nAuto-Installed: 1\n\nPackage: greeting\nArchitecture: amd64\nAuto-Installed: 1\n",
  ]

  /// Makes an image in a layout of OCI.
  ///
  /// - Parameters:
  ///   - name: The layout's folder.
  ///   - layers: Of each layer, from the lowest one on, the files.
  ///   - architecture: What the image says that it is for.
  /// - Returns: The image, as skopeo has it.
  /// - Throws: When umoci fails.
  package func make(
    _ name: String, _ layers: [[String: String]], architecture: String = "amd64"
  ) throws -> String {
    let layout = "\(folder)/\(name)"
    func umoci(_ words: [String]) throws {
      _ = try Command(
        ["umoci"] + words.prefix(1) + ["--\(words[0] == "init" ? "layout" : "image")"]
          + words.dropFirst()
      ).runChecked()
    }
    try umoci(["init", layout])
    try umoci(["new", "\(layout):it"])
    for (index, files) in layers.enumerated() {
      let tree = "\(folder)/\(name)-\(index)"
      for (path, text) in files {
        let parent = path.split(separator: "/").dropLast().joined(separator: "/")
        try Files.makeDirectories("\(tree)/\(parent)")
        try Files.write(Array(text.utf8), to: "\(tree)/\(path)")
      }
      _ = try Command([
        "tar", "-C", tree, "--sort=name", "--mtime=@0", "--owner=0", "--group=0", "-cf",
        "\(tree).tar", ".",
      ]).runChecked()
      _ = try Command(["umoci", "raw", "add-layer", "--image", "\(layout):it", "\(tree).tar"])
        .runChecked()
    }
    try umoci([
      "config", "\(layout):it", "--architecture", architecture, "--os", "linux", "--created",
      "2025-09-10T11:12:13.5Z", "--config.cmd", "/bin/it", "--config.env", "A=b=c",
      "--config.label", "what=it",
    ])
    return "oci:\(layout):it"
  }
}
