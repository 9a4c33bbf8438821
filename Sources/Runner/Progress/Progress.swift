internal import Glibc
internal import Model
internal import Processes
internal import Synchronization

/// Who is told what goes on in a build: people on standard error, programs by a monitor.
package final class Progress: Sendable {
  /// How people are told.
  package enum Style: Sendable {
    case quiet
    /// Lines without control characters.
    case plain
    /// Lines, and below them a view that is drawn in place: for terminals.
    case live

    /// What is right for where standard error goes.
    ///
    /// - Parameters:
    ///   - isQuiet: Whether only errors are wanted.
    ///   - isForPrograms: Whether programs read what comes out.
    /// - Returns: The style.
    package static func usual(isQuiet: Bool, isForPrograms: Bool) -> Style {
      if isQuiet { return .quiet }
      return isOnTerminal && !isForPrograms ? .live : .plain
    }
  }

  /// Whether standard error is a terminal on which something can be drawn.
  package static var isOnTerminal: Bool {
    isatty(2) == 1 && getenv("TERM").map { String(cString: $0) } != "dumb"
  }

  private struct State: Sendable {
    var status = BuildStatus()
    var lines: PlainLines
    var screen = Screen(2)
    var waiting: [String] = []
    var isTicking = false
    var isClosed = false
    /// Whether the terminal is no longer drawn on.
    var isViewOver = false
    var downloadsTold: (time: Int, status: DownloadStatus) = (0, DownloadStatus())
  }

  package let style: Style
  package let isVerbose: Bool
  private let monitor: Monitor?
  private let started = ContinuousClock.now
  private let state: Mutex<State>

  /// In milliseconds: how often the live view is drawn at most.
  private static let tick = 100
  /// In milliseconds: how often a monitor hears of downloads at most.
  private static let downloadTick = 500

  package init(style: Style, isVerbose: Bool = false, monitor: Monitor? = nil) {
    self.style = style
    self.isVerbose = isVerbose
    self.monitor = monitor
    state = Mutex(State(lines: PlainLines(isVerbose: isVerbose)))
  }

  /// In milliseconds since the program started.
  private var now: Int { Int(started.duration(to: .now) / .milliseconds(1)) }

  package func tell(_ event: BuildEvent) {
    let now = now
    let mustTick = state.withLock { state -> Bool in
      guard !state.isClosed else { return false }
      state.status.apply(event, at: now)
      let elapsed = now - state.status.began
      if let record = MonitorRecord.node(of: event, elapsed: elapsed) { monitor?.send(record) }
      if case .downloaded = event, !state.status.downloads.isGoingOn { tellDownloads(&state, now) }
      show(state.lines.lines(for: event, at: now), &state)
      let mustTick = !state.isTicking && (style != .quiet || monitor != nil)
      state.isTicking = true
      return mustTick
    }
    if mustTick {
      startThread {
        while self.goOn() { usleep(UInt32(Self.tick) * 1000) }
      }
    }
  }

  /// Writes a line, unless told to be quiet.
  package func say(_ line: String) { state.withLock { show([line], &$0) } }

  /// Says what is left to say and gives the terminal back.
  ///
  /// - Parameter patience: In milliseconds, how long the reader of the monitor is waited for.
  package func close(patience: Int = 2000) {
    endView()
    state.withLock { $0.isClosed = true }
    monitor?.finish(within: patience)
  }

  /// Gives the terminal back; lines that are said from now on are written at once.
  package func endView() {
    state.withLock { state in
      if !state.isViewOver && style == .live { state.screen.draw(staying: state.waiting, live: []) }
      state.isViewOver = true
    }
  }

  /// Here names become what a terminal shows, whoever made up the line.
  private func show(_ lines: [String], _ state: inout State) {
    let lines = lines.map { shown($0) }
    switch style {
    case .quiet: break
    case .plain: for line in lines { writeAll(line + "\n", to: 2) }
    case .live:
      if state.isViewOver {
        for line in lines { writeAll(line + "\n", to: 2) }
      } else {
        state.waiting += lines
      }
    }
  }

  /// Does what is due because time has passed; false at the end.
  private func goOn() -> Bool {
    let now = now
    return state.withLock { state in
      guard !state.isClosed else { return false }
      if now - state.downloadsTold.time >= Self.downloadTick { tellDownloads(&state, now) }
      if style == .plain { show(state.lines.lines(of: state.status, at: now), &state) }
      if style == .live, !state.isViewOver, now - state.status.began >= Self.tick {
        let (width, height) = state.screen.size
        let live = LiveView().lines(state.status, at: now, width: width, height: height)
        state.screen.draw(staying: state.waiting, live: live)
        state.waiting = []
      }
      return true
    }
  }

  private func tellDownloads(_ state: inout State, _ now: Int) {
    let downloads = state.status.downloads
    guard let monitor, downloads != state.downloadsTold.status else { return }
    state.downloadsTold = (now, downloads)
    monitor.send(MonitorRecord.node(of: downloads, elapsed: now - state.status.began))
  }
}
