internal import Files
package import Model

extension Job {
  /// The versions of the tree's kernels, the newest first.
  ///
  /// - Parameter loader: What is to start them, for the message.
  /// - Returns: At least one.
  /// - Throws: When there is none.
  package func bootKernels(_ loader: String) throws(Failure) -> [String] {
    let kernels = try tree.kernels()
    guard !kernels.isEmpty else {
      throw Failure(
        "set up", loader, cause: "the tree has no kernel in /boot",
        remedy: "install a kernel: the package linux-image-\(architecture.rawValue)")
    }
    return kernels
  }

  /// A command line, with the root hash of the input `root` where there is one.
  package func withRootHash(_ commandLine: String) throws(Failure) -> String {
    guard let folder = inputs["root"] else { return commandLine }
    let hash = try Files.readText("\(folder)/root-hash").filter(\.isHexDigit)
    return "\(commandLine) roothash=\(hash)"
  }
}

extension Tree {
  /// What the system calls itself to people (os-release(5)), fit for a menu; `Linux` where it does not say.
  ///
  /// - Throws: When it says it and that cannot be read.
  package func systemName() throws(Failure) -> String {
    let file = "/etc/os-release"
    let lines = exists(file) ? try readText(file).split(separator: "\n") : []
    let prefix = "PRETTY_NAME="
    guard let line = lines.first(where: { $0.hasPrefix(prefix) }) else { return "Linux" }
    // A quote would end a menu entry's title.
    return String(line.dropFirst(prefix.count).filter { $0 != "\"" && $0 != "'" })
  }
}
