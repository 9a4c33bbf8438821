internal import Model
package import StageContracts
package import StageKit

@main extension Users: StageBody {
  package func run(in job: borrowing Job) throws {
    var accounts = try Accounts(in: job.tree, on: job.epoch)
    for group in groups { try accounts.add(group) }
    for user in users { try accounts.add(user) }
    for user in users { try checkShell(of: user, in: job.tree) }
    try accounts.write(to: job.tree)
    for user in users { try furnish(accounts.home(of: user), of: user, in: job.tree) }
    // loginctl(1), "enable-linger": logind looks for the file.
    for user in users where user.linger {
      try job.tree.write("/var/lib/systemd/linger/\(user.name)", "")
    }
  }

  /// Refuses a shell that nobody could log in with; an account that is locked has one, too.
  private func checkShell(of user: User, in tree: borrowing Tree) throws(Failure) {
    guard let shell = user.shell, !tree.isFile(shell) else { return }
    let list = "/etc/shells"
    var known: [String] = []
    for line in tree.exists(list) ? try tree.readText(list).parts(at: "\n") : []
    where line.begins(with: "/") && tree.isFile(line) { known.append(line) }
    let near = suggestion(for: shell, among: known).map { "did you mean '\($0)'? " } ?? ""
    throw Failure(
      "set up", "the user '\(user.name)'", cause: "the tree has no shell '\(shell)'",
      remedy: near + "install the package that contains it, or leave out 'shell'")
  }
}
