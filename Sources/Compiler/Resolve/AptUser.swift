internal import Files
internal import Glibc
internal import Model

/// The user as whom apt fetches and reads what servers send, where root runs it (apt.conf(5), "APT::Sandbox::User").
enum AptUser {
  private static let usual = "_apt"

  /// - Returns: Its name; nil where apt stays who it is: it is not run by root, there is no such user, or a repository
  ///   is a folder of this machine that the user cannot read.
  static func name(for archive: Archive) -> String? {
    guard geteuid() == 0, let entry = getpwnam(usual) else { return nil }
    let (user, group) = (entry.pointee.pw_uid, entry.pointee.pw_gid)
    guard isMapped(user, "/proc/self/uid_map"), isMapped(group, "/proc/self/gid_map"),
      (try? Files.readText("/proc/self/setgroups"))?.hasPrefix("deny") != true
    else { return nil }
    let addresses = archive.repositories.map(\.address) + archive.further.map(\.repository.url)
    let folders = addresses.compactMap { try? Address($0).filePath?.text }
    return folders.allSatisfy { canRead($0, user, group) } ? usual : nil
  }

  /// Whether a user namespace has this id: in one that has not, apt cannot become that user.
  private static func isMapped(_ id: UInt32, _ map: String) -> Bool {
    let text = (try? Files.readText(map)) ?? ""
    return text.split(separator: "\n").contains { line in
      let numbers = line.split(separator: " ").compactMap { UInt64($0) }
      return numbers.count == 3 && numbers[0] <= id && UInt64(id) - numbers[0] < numbers[2]
    }
  }

  /// Whether a user of one group may list a folder, and go through those above it.
  private static func canRead(_ folder: String, _ user: uid_t, _ group: gid_t) -> Bool {
    guard let real = realpath(folder, nil) else { return true }
    defer { free(real) }
    var path = String(cString: real)
    var wanted: mode_t = 5
    while !path.isEmpty {
      var information = stat()
      guard stat(path, &information) == 0 else { return false }
      let shift: mode_t =
        information.st_uid == user ? 6 : information.st_gid == group ? 3 : 0
      guard information.st_mode >> shift & wanted == wanted else { return false }
      wanted = 1
      path = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }
    return true
  }
}
