internal import COSTree
package import Model

/// An OSTree repository on disk, by libostree.
package struct Repository: ~Copyable {
  /// How a repository keeps its files (ostree(1), "repository modes").
  package enum Mode: String, Sendable, CaseIterable {
    /// Compressed, for serving over HTTP.
    case archive
    /// As they are on a system, with their owners: only root can write such a repository.
    case bare
    /// As ordinary files, owners kept in extended attributes.
    case bareUser = "bare-user"
  }

  private let object: OpaquePointer

  private init(owning object: OpaquePointer) { self.object = object }

  deinit { g_object_unref(UnsafeMutableRawPointer(object)) }

  /// Opens a repository.
  ///
  /// - Throws: When there is none, or it cannot be read.
  package static func open(_ path: String) throws(Failure) -> Repository {
    let repository = Repository(at: path)
    var error: UnsafeMutablePointer<GError>?
    guard ostree_repo_open(repository.object, nil, &error) != 0 else {
      throw failure("open", path, error)
    }
    return repository
  }

  /// Makes an empty repository, and opens it; one that is there already is only opened.
  ///
  /// - Throws: When it cannot be written.
  package static func create(at path: String, mode: Mode) throws(Failure) -> Repository {
    let repository = Repository(at: path)
    var error: UnsafeMutablePointer<GError>?
    guard ostree_repo_create(repository.object, mode.native, nil, &error) != 0 else {
      throw failure("make", path, error)
    }
    return repository
  }

  /// How it keeps its files; nil for a mode that we do not use.
  package var mode: Mode? {
    let native = ostree_repo_get_mode(object)
    return Mode.allCases.first { $0.native == native }
  }

  private init(at path: String) {
    let file = g_file_new_for_path(path)
    defer { g_object_unref(UnsafeMutableRawPointer(file)) }
    self.init(owning: ostree_repo_new(file))
  }

  private static func failure(
    _ operation: String, _ path: String, _ error: UnsafeMutablePointer<GError>?
  ) -> Failure {
    defer { g_error_free(error) }
    let cause = error.map { String(cString: $0.pointee.message) } ?? "libostree gave no reason"
    return Failure(operation, "the OSTree repository \(path)", cause: cause)
  }
}

extension Repository.Mode {
  fileprivate var native: OstreeRepoMode {
    switch self {
    case .archive: OSTREE_REPO_MODE_ARCHIVE
    case .bare: OSTREE_REPO_MODE_BARE
    case .bareUser: OSTREE_REPO_MODE_BARE_USER
    }
  }
}
