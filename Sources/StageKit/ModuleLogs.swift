package import Model

extension Tree {
  /// Empties the logs of DKMS, which have the time and the order in which a module was compiled.
  ///
  /// - Throws: When one cannot be removed.
  package func removeModuleLogs() throws(Failure) {
    // /var/lib/dkms/MODULE/VERSION/KERNEL/ARCHITECTURE/log (dkms(8))
    var folders = ["/var/lib/dkms"]
    for _ in 0..<4 {
      var below: [String] = []
      for folder in folders {
        for name in try names(in: folder) where isDirectory("\(folder)/\(name)") {
          below.append("\(folder)/\(name)")
        }
      }
      folders = below
    }
    for folder in folders where isDirectory(folder + "/log") { try empty(folder + "/log") }
  }
}
