package import Model
package import Transfer

/// What one server is told of who we are, from one request to the next.
package struct Authorization: Sendable {
  private let address: Address
  private let registry: RegistryAccess?
  /// The value of a header `Authorization`; nil where nothing is told.
  package private(set) var header: String? {
    didSet { if let header { told.append(header) } }
  }
  /// All that the server and those of its tokens have been told, which they may repeat.
  private var told: [String] = []
  /// Why a login that is there was not used.
  private var note: String?

  /// - Parameters:
  ///   - address: What is asked for first. A blob's in a registry says which registry that is.
  ///   - registry: The registry, where it is known.
  package init(for address: Address, _ registry: RegistryAccess? = nil) {
    self.address = address
    self.registry = registry ?? RegistryAccess(address)
    header = HostLogins.kept().lazy.compactMap { $0.login(for: address) }.first.map {
      "Basic \($0)"
    }
    if let header { told = [header] }
  }

  /// A server's text without what it was told, and no longer than anybody reads.
  package func withoutSecrets(_ text: String) -> String {
    let text = told.reduce(text) { Transfer.withoutSecrets($0, of: $1) }
    return text.utf8.count > Self.longest ? text.prefix(Self.longest) + "…" : text
  }

  /// How much is told of what a server has written, in characters.
  private static let longest = 2000

  /// A problem in whose cause nothing stands of what the server was told.
  package func withoutSecrets(_ problem: Transfer.Problem) -> Transfer.Problem {
    var problem = problem
    problem.cause = withoutSecrets(problem.cause)
    return problem
  }

  /// Finds what a server wants to be told that gave no answer.
  ///
  /// - Parameters:
  ///   - problem: Why it gave none.
  ///   - transfer: Fetches a token where one is wanted.
  ///   - patience: How long servers are waited for.
  /// - Returns: Whether there is something else to tell it than before.
  /// - Throws: When no token can be obtained.
  package mutating func answer(
    _ problem: Transfer.Problem, by transfer: borrowing Transfer, _ patience: Transfer.Patience
  ) throws(Transfer.Problem) -> Bool {
    guard let registry else { return false }
    let login = registry.login
    if let login { told.append("Basic \(login)") }
    guard
      let answer = try registry.answer(problem.challenges, login, by: transfer, patience),
      answer.authorization != header
    else { return false }
    (header, note) = (answer.authorization, answer.note)
    return true
  }

  /// What a person is told who is refused: why a login was not used, or where one belongs.
  package var advice: [String] { [note, place].compactMap(\.self) + Self.distrusted }

  /// Where a login belongs that the server may want; a registry's is told by its own note.
  private var place: String? {
    guard registry == nil else { return nil }
    let scheme = address.scheme == .http ? "http://" : ""
    return
      "if it wants a login, write it into ~/.netrc or /etc/apt/auth.conf.d/NAME.conf, mode 0600:"
      + " machine \(scheme)\(address.host) login USER password PASSWORD"
  }

  /// The files with logins that are there and not used.
  private static var distrusted: [String] {
    let flaws =
      Logins.files.map { ($0, Logins.flaw(of: $0)) }
      + HostLogins.files.map { ($0, LoginFile.distrust($0)) }
    return flaws.compactMap { path, flaw in
      flaw.map { "ignored the logins in \(path): \($0)" }
    }
  }
}
