internal import Files
internal import Glibc
internal import Model

/// A server for tests, on this machine: a program in Python that is given a folder, and writes its ports into the file
/// `ports` there.
package struct PythonServer: Sendable {
  package let ports: [Int]
  private let folder: String

  /// Runs `body` with a server, and ends it.
  ///
  /// - Parameters:
  ///   - program: Python; `folder` and `listen(*handlers)`, which never returns, are there for it.
  ///   - folder: Where it keeps what it has; made here.
  ///   - body: Given the server.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws, and when it does not start.
  package static func with<Result>(
    _ program: String, in folder: String, _ body: (PythonServer) throws -> Result
  ) throws -> Result {
    try Files.makeDirectories(folder)
    try Files.write(Array("\(frame)\(program)".utf8), to: folder + "/server.py")
    var process: pid_t = 0
    let words = ["python3", folder + "/server.py", folder]
    var arguments = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    guard posix_spawnp(&process, "python3", nil, nil, &arguments, environ) == 0 else {
      throw Failure("start", "python3", cause: String(cString: strerror(errno)))
    }
    defer {
      kill(process, SIGKILL)
      var status: Int32 = 0
      waitpid(process, &status, 0)
    }
    for _ in 0..<6000 where !Files.exists(folder + "/ports") { usleep(20_000) }
    let ports = try Files.readText(folder + "/ports").split(separator: " ").compactMap { Int($0) }
    return try body(PythonServer(ports: ports, folder: folder))
  }

  /// What the program has written with `note(text)`, line by line.
  package var notes: [String] {
    ((try? Files.readText(folder + "/log")) ?? "").split(separator: "\n").map(String.init)
  }

  private static let frame = """
    import base64, http.server, json, os, sys, threading, time
    folder = sys.argv[1]
    def note(text):
        with open(folder + '/log', 'a') as log: log.write(text + '\\n')
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'
        def log_message(self, *a): pass
        def answer(self, data, status=200, **headers):
            self.send_response(status)
            self.send_header('Content-Length', str(len(data)))
            for name, value in headers.items():
                self.send_header(name.replace('_', '-'), value)
            self.end_headers()
            if self.command != 'HEAD': self.wfile.write(data)
        def endless(self, status=200, **headers):
            self.send_response(status)
            for name, value in headers.items(): self.send_header(name, value)
            self.end_headers()
            self.close_connection = True
            try:
                while True: self.wfile.write(b'x' * 65536)
            except OSError: pass
    ports = []
    def listen(*handlers):
        class Quiet(http.server.ThreadingHTTPServer):
            daemon_threads = True
            def handle_error(self, *a): pass
        servers = [Quiet(('127.0.0.1', 0), handler) for handler in handlers]
        ports.extend(server.server_port for server in servers)
        with open(folder + '/new', 'w') as file: file.write(' '.join(map(str, ports)))
        os.rename(folder + '/new', folder + '/ports')
        for server in servers: threading.Thread(target=server.serve_forever).start()

    """
}
