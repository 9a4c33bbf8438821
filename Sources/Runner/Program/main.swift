import ArgumentParser
import Files
import Glibc
import JSON
import Model
import Processes
import Runner
import Usage

func complain(_ text: String) {
  let bytes = Array(text.utf8)
  _ = write(2, bytes, bytes.count)
}

/// Prints a result; that nobody gets it is an error.
func give(_ text: String) throws(Failure) { try Files.write(Array(text.utf8), into: 1) }

do { try Surroundings.complete() } catch {
  complain("error: \(error)\n")
  exit(1)
}

OwnProcess.keepOpenFiles()
guard let arguments = Arguments.parsed(Array(CommandLine.arguments.dropFirst())) as? Arguments
else {
  // Only what makes completions is another command.
  Arguments.main()
  exit(0)
}

let progress = Progress(
  style: arguments.style, isVerbose: arguments.options.verbose,
  monitor: arguments.options.monitor.map(Monitor.init))

func end(with error: any Error, _ arguments: Arguments, _ progress: Progress) -> Never {
  let (text, status) = Report.text(of: error, isColoured: arguments.isColoured)
  progress.tell(.failed(error))
  progress.tell(.ended(status: status, []))
  progress.close()
  complain(text)
  if arguments.options.json {
    try? give(Node.object([("error", Report.error(error))]).prettyText)
  }
  exit(status)
}

do {
  let isPiped = arguments.manifest == "-"
  let bytes: [UInt8]
  do {
    bytes = try Files.readInput(arguments.manifest)
  } catch {
    throw Refusal(diagnostics: [
      Diagnostic(
        "cannot read the manifest \(arguments.manifest): \(error.cause)",
        remedy: error.remedy ?? "name a manifest, or '-' for standard input")
    ])
  }
  let manifest = try Manifest.read(bytes, file: isPiped ? "standard input" : arguments.manifest)
  var store = Store(root: try Store.root(arguments.options.store))
  store.readers = arguments.options.storeReaders
  let limit = try store.limit(arguments.options.storeSize)
  let stages = StageFolders.standard()
  if arguments.options.plan {
    let plan = try Plan(manifest, exports: arguments.options.export)
    let programs = try stages.programs(for: plan.pipelines, store: nil)
    let forecast = Forecast(
      plan, programs: programs, seen: SeenTree(listing: store.listing), result: store.result,
      hasSource: store.hasSource)
    try give(shownLines(forecast.text))
    exit(0)
  }
  if arguments.variedConditions { try Conditions.enter() }
  try Host.prepare()
  let build = Build(
    manifest: manifest, exports: arguments.options.export, store: store,
    folder: arguments.variedConditions ? nil : arguments.options.output,
    stages: stages, jobs: arguments.options.jobs ?? Host.cores,
    isOffline: arguments.options.offline,
    keepsFailed: arguments.options.keepFailed, progress: progress,
    place: environment("PARTICLE_WORK").flatMap(Workspace.Place.init),
    limit: arguments.variedConditions ? nil : limit.bytes, limits: arguments.limits,
    isForced: arguments.options.force)
  Task.detached {
    do {
      let (result, outputs) = try await build.run()
      progress.tell(.built)
      progress.endView()
      if !arguments.options.json {
        for output in outputs {
          try give("\(shown(output.path))  \(ByteCount(output.size))  \(output.digest)\n")
        }
      }
      var verdict: Verdict?
      if arguments.options.check {
        if !arguments.options.quiet { complain("check: running every stage again\n") }
        verdict = try await Check(of: build).run()
      }
      let status: Int32 = verdict?.isSame ?? true ? 0 : 3
      progress.tell(.ended(status: status, outputs))
      progress.close()
      if arguments.options.json {
        try give(Report.json(result, outputs, verdict).prettyText)
      }
      if let verdict, !verdict.isSame { complain(shownLines(verdict.text)) }
      if let verdict, verdict.isSame, !arguments.options.quiet {
        complain(shownLines(verdict.text) + "\n")
      }
      if let next = arguments.next, status == 0, !arguments.options.quiet, !arguments.options.json {
        complain("particle: \(shown(next))\n")
      }
      exit(status)
    } catch is CancellationError {
      // A signal has come: the thread that waits for signals ends the program.
    } catch { end(with: error, arguments, progress) }
  }
  // The main thread stays out of it: an asynchronous one would let held signals through.
  while true { pause() }
} catch { end(with: error, arguments, progress) }
