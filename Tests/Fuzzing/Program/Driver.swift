internal import Glibc

/// What libFuzzer calls with a text it made up.
private typealias Callback = @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32

/// libFuzzer's own main program (https://llvm.org/docs/LibFuzzer.html, "Using libFuzzer as a library").
@_silgen_name("LLVMFuzzerRunDriver")
private func run(
  _ count: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ callback: Callback
) -> Int32

nonisolated(unsafe) private var body: ([UInt8]) -> Void = { _ in }

/// Gives a function texts until it traps, or the time is over that the command line says.
///
/// - Parameter test: Called with each text; whatever it is, it is to return.
func fuzz(_ test: @escaping ([UInt8]) -> Void) -> Never {
  body = test
  var count = CommandLine.argc
  var arguments = CommandLine.unsafeArgv
  let status = run(&count, &arguments) { start, size in
    body(Array(UnsafeBufferPointer(start: start, count: size)))
    return 0
  }
  exit(status)
}
