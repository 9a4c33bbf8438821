import ArgumentParser
import Files
import Glibc
import JSON
import Model
import Runner

func end(with error: any Error) -> Never {
  let (text, status) = Report.text(of: error)
  complain(text)
  exit(status)
}

func complain(_ text: String) {
  let bytes = Array(text.utf8)
  _ = write(2, bytes, bytes.count)
}

func environment(_ name: String) -> String? {
  getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
}

let arguments: Arguments
do { arguments = try Arguments.parse() } catch {
  let isAsked = Arguments.exitCode(for: error).isSuccess
  let text = Arguments.fullMessage(for: error)
  if isAsked { print(text) } else { complain(text + "\n") }
  exit(isAsked ? 0 : 2)
}

do {
  let isPiped = arguments.manifest == "-"
  let bytes: [UInt8]
  do { bytes = try Files.read(isPiped ? "/dev/stdin" : arguments.manifest) } catch {
    throw Refusal(diagnostics: [
      Diagnostic("cannot read the manifest \(arguments.manifest): \(error.cause)")
    ])
  }
  let manifest = try Manifest.read(bytes, file: isPiped ? "standard input" : arguments.manifest)
  let store = Store(root: Store.root(arguments.store))
  let limit = try store.limit(arguments.storeSize)
  let stages = StageFolders.standard()
  if arguments.plan {
    let plan = try Plan(manifest, exports: arguments.export)
    let programs = try stages.programs(for: plan.pipelines, store: nil)
    let forecast = Forecast(
      plan, programs: programs, result: store.result, hasSource: store.hasSource)
    print(forecast.text, terminator: "")
    exit(0)
  }
  if arguments.variedConditions { try Conditions.enter() }
  try Host.prepare()
  let build = Build(
    manifest: manifest, exports: arguments.export, store: store,
    folder: arguments.variedConditions ? nil : arguments.output,
    stages: stages, jobs: arguments.jobs ?? Host.cores, isOffline: arguments.offline,
    keepsFailed: arguments.keepFailed, progress: Progress(volume: arguments.volume),
    place: environment("PARTICLE_WORK").flatMap(Workspace.Place.init),
    limit: arguments.variedConditions ? nil : limit.bytes)
  let (wantsJSON, wantsCheck) = (arguments.json, arguments.check)
  Task.detached {
    do {
      let (result, outputs) = try await build.run()
      for output in outputs {
        build.progress.say("\(output.path)  \(ByteCount(output.size))  \(output.digest)")
      }
      var verdict: Verdict?
      if wantsCheck {
        build.progress.say("check: every stage runs again")
        verdict = try await Check(of: build).run()
      }
      if wantsJSON { print(Report.json(result, outputs, verdict).prettyText, terminator: "") }
      guard let verdict else { exit(0) }
      if verdict.isSame { build.progress.say(verdict.text) } else { complain(verdict.text) }
      exit(verdict.isSame ? 0 : 3)
    } catch { end(with: error) }
  }
  // The main thread stays out of it: an asynchronous one would let held signals through.
  while true { pause() }
} catch { end(with: error) }
