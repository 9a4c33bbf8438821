internal import Model
package import StageContracts
package import StageKit

@main extension Users: StageBody {
  package func run(in job: borrowing Job) throws {
    var accounts = try Accounts(in: job.tree, on: job.epoch)
    for group in groups { try accounts.add(group) }
    for user in users { try accounts.add(user) }
    try accounts.write(to: job.tree)
    for user in users { try furnish(accounts.home(of: user), of: user, in: job.tree) }
    // loginctl(1), "enable-linger": logind looks for the file.
    for user in users where user.linger {
      try job.tree.write("/var/lib/systemd/linger/\(user.name)", "")
    }
  }
}
