internal import Glibc
package import Model

/// Where things are, whatever the working directory.
package enum Places {
  /// The folder of Package.swift.
  package static let repository = ancestor(of: #filePath, levels: 3)

  /// The folder that holds the programs and stages that were built together with the running test.
  package static func products() throws(Failure) -> String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    guard count > 0 else {
      throw Failure("read", "/proc/self/exe", cause: String(cString: strerror(errno)))
    }
    let path = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return ancestor(of: path, levels: 1)
  }

  /// The path of a program that was built together with the running test.
  ///
  /// - Throws: When it is not there, which a filtered build can cause.
  package static func program(_ name: String) throws(Failure) -> String {
    let path = try products() + "/" + name
    guard access(path, X_OK) == 0 else {
      throw Failure(
        "find", path, cause: String(cString: strerror(errno)),
        remedy: "swift build -c release --build-tests")
    }
    return path
  }

  static func ancestor(of path: String, levels: Int) -> String {
    path.split(separator: "/").dropLast(levels).reduce("") { $0 + "/" + $1 }
  }
}
