package import Model

/// What cron runs.
package struct CronModule: Module {
  var jobs: [Job]

  struct Job: Sendable {
    var name: Located<String>
    var schedule: String
    var user: String
    var command: String
  }

  package static let type = "cron"
  package static let summary = "Run commands on a schedule with cron."
  package static let example = """
    - type: cron
      jobs:
        - {name: report, schedule: "30 6 * * 1-5", command: /usr/bin/date}
        - {name: clean, schedule: "@daily", user: www-data, command: "/usr/bin/true >/dev/null"}
    """
  package static let notes = """
    Each job becomes a file in `/etc/cron.d`. Runs that are missed while the machine is off are not made up for; use
    [timers](timers.md) if you need that.
    """

  package static let schema = Schema<Self>.object(
    Field("jobs", { $0.jobs }, .list(of: job), "The jobs to run."),
    make: { CronModule(jobs: $0) })

  private static let job = Schema<Job>.object(
    Field(
      "name", { $0.name }, Schema<String>.fileName("job name").located,
      "The name of the job's file."),
    Field("schedule", { $0.schedule }, schedule, "The schedule, in the syntax of crontab(5)."),
    Field("user", { $0.user }, .accountName, default: "root", "The user that runs the command."),
    Field(
      "command", { $0.command }, .line("command"),
      "The shell command. Escape '%' with a backslash."),
    make: { Job(name: $0, schedule: $1, user: $2, command: $3) })

  /// crontab(5): minute, hour, day of the month, month, day of the week; or a name.
  private static let schedule: Schema<String> = {
    let names = "@(reboot|yearly|annually|monthly|weekly|daily|midnight|hourly)"
    let field = "[0-9A-Za-z*,/-]+"
    let remedy = "write five fields (minute, hour, day, month, weekday) or a name such as @daily"
    return Schema<String>.text("\(names)|\(field)( +\(field)){4}", "cron schedule", remedy)
      .refusing { text in
        let ranges = [
          ("minute", 0...59), ("hour", 0...23), ("day", 1...31), ("month", 1...12),
          ("weekday", 0...7),
        ]
        for (field, (what, range)) in zip(text.split(separator: " "), ranges)
        where !text.hasPrefix("@") {
          let numbers = field.split { ",-".contains($0) }.flatMap {
            $0.parts(at: "/").prefix(1)
          }
          if let number = numbers.compactMap({ Int($0) }).first(where: { !range.contains($0) }) {
            return (
              "\(number) is not a valid \(what)",
              "use a number from \(range.lowerBound) to \(range.upperBound)"
            )
          }
        }
        return nil
      }
  }()

  package var needs: [String] { ["cron"] }

  package var destinations: [Located<String>] {
    jobs.map { Located("/etc/cron.d/\($0.name.value)", at: $0.name.mark) }
  }

  package func steps(among modules: [Located<any Module>], _ contents: Contents) -> [Step] {
    [
      Step(
        placing: jobs.map {
          PlacedFile(
            "/etc/cron.d/\($0.name.value)", "\($0.schedule) \($0.user) \($0.command)\n")
        })
    ]
  }
}
