package import Model
internal import StageContracts

/// What runs at times.
package struct TimersModule: Module {
  var timers: [Timer]

  struct Timer: Sendable {
    var name: Located<String>
    var schedule: String
    var command: String
    var user: String?
    var isPersistent: Bool
    var delay: String?
  }

  package static let type = "timers"
  package static let summary = "Run commands on a schedule with systemd."
  package static let example = """
    - type: timers
      timers:
        - name: backup
          schedule: "*-*-* 03:30:00"
          command: /usr/bin/rsync -a /srv/ /var/backups/srv/
          random-delay: 15min
        - {name: heartbeat, schedule: hourly, command: /usr/bin/true, user: nobody}
    """
  package static let notes = """
    Each timer becomes a service and a timer unit in `/etc/systemd/system`, and the timer unit is enabled. `schedule` is
    a calendar expression of systemd.time(7), such as `daily` or `Mon *-*-* 08:00:00`; the build has systemd parse it.
    A run that is missed while the machine is off is made up for at boot, unless `persistent` is `false`. For crontab
    lines, use the [cron](cron.md) module.

    `command` is split into words, and its variables are expanded, as systemd.service(5) describes for `ExecStart=`,
    except that `%` has no special meaning.
    """

  package static let schema = Schema<Self>.object(
    Field("timers", { $0.timers }, .list(of: timer), "The timers to add."),
    make: { TimersModule(timers: $0) })

  private static let timer = Schema<Timer>.object(
    Field(
      "name", { $0.name }, Schema<String>.fileName("timer name").located,
      "The name of the service and the timer unit, without suffix."),
    Field(
      "schedule", { $0.schedule },
      .text(
        "[A-Za-z0-9*~.,:/+ -]+", "schedule",
        "write it as systemd.time(7) does: daily, or *-*-* 03:30:00"),
      "The schedule, in the syntax of systemd.time(7)."),
    Field(
      "command", { $0.command }, .command, "The absolute path of the program, and its arguments."),
    Field(
      optional: "user", { $0.user }, .accountName, "The user that runs the command. Default: root."),
    Field(
      "persistent", { $0.isPersistent }, .bool, default: true,
      "Whether to make up for a missed run."),
    Field(
      optional: "random-delay", { $0.delay },
      .text("[0-9]+ ?[a-z]*( [0-9]+ ?[a-z]+)*", "span of time", "write it as 15min or 1h 30min"),
      "The maximum random delay: 15min."),
    make: {
      Timer(name: $0, schedule: $1, command: $2, user: $3, isPersistent: $4, delay: $5)
    }
  ).mapped(
    { (timer, node, problems) -> Timer? in
      // Five fields, as crontab(5) has them.
      let fields = timer.schedule.split(separator: " ")
      if fields.count == 5, fields.allSatisfy({ String($0).fits("[0-9*,/-]+") }) {
        problems.report(
          "'\(timer.schedule)' is a cron schedule", at: node.mark,
          remedy: "write it as systemd.time(7) does: *-*-* 03:30:00, or use the module 'cron'")
        return nil
      }
      return timer
    }, { $0 })

  package var needs: [String] { ["systemd"] }

  package var destinations: [Located<String>] {
    timers.map { Located("/etc/systemd/system/\($0.name.value).timer", at: $0.name.mark) }
      + timers.map { Located("/etc/systemd/system/\($0.name.value).service", at: $0.name.mark) }
  }

  package func steps(among modules: [Located<any Module>], _ contents: Contents) -> [Step] {
    let files = timers.flatMap { timer -> [PlacedFile] in
      let path = "/etc/systemd/system/\(timer.name.value)"
      return [
        PlacedFile("\(path).service", timer.service), PlacedFile("\(path).timer", timer.timer),
      ]
    }
    let names = timers.map { "\($0.name.value).timer" }
    return [
      Step(placing: files), Step.verifying(names),
      Step(Systemd(enable: names, disable: [], mask: [], defaultTarget: nil)),
    ]
  }
}

/// A command in which systemd finds no specifier: each `%` is written twice, also one that Swift takes for a part of a
/// longer character.
private func withoutSpecifiers(_ command: String) -> String {
  String(
    String.UnicodeScalarView(command.unicodeScalars.flatMap { $0 == "%" ? [$0, $0] : [$0] }))
}

extension TimersModule.Timer {
  fileprivate var service: String {
    """
    [Unit]
    Description=\(name.value)

    [Service]
    Type=oneshot
    \(user.map { "User=\($0)\n" } ?? "")ExecStart=\(withoutSpecifiers(command))

    """
  }

  fileprivate var timer: String {
    """
    [Unit]
    Description=Runs \(name.value)

    [Timer]
    OnCalendar=\(schedule)
    Persistent=\(isPersistent)
    \(delay.map { "RandomizedDelaySec=\($0)\n" } ?? "")
    [Install]
    WantedBy=timers.target

    """
  }
}

extension Schema where Value == String {
  /// A command on one line, its program with the folder.
  static var command: Self {
    text(
      "/[^\\x00-\\x1f\\x7f]+", "command",
      "write it on one line, with the absolute path of the program: /usr/bin/true")
  }
}
