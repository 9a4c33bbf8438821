import Files
import Glibc
import Model
import Processes

/// A web server for tests, on this machine.
///
/// The first part of a URL's path says how it behaves: `good`, `cut` (half of the answer, then the
/// end), `once` (503 the first two times), `slow` (stops after one byte), `drip` (a byte now and then), `plain` (knows no
/// ranges); anything else is not there.
struct Server: Sendable {
  var port: Int
  private var folder: String

  /// The files that the server has, by name.
  static func with<Result>(
    _ files: [String: [UInt8]], in scene: Scene, _ body: (Server) throws -> Result
  ) throws -> Result {
    let folder = scene.folder + "/server"
    try Files.makeDirectories(folder)
    for (name, bytes) in files { try Files.write(bytes, to: "\(folder)/\(name)") }
    try Files.write(Array(program.utf8), to: folder + "/server.py")
    let process = try start(folder)
    defer {
      kill(process, SIGKILL)
      var status: Int32 = 0
      waitpid(process, &status, 0)
    }
    for _ in 0..<6000 where !Files.exists(folder + "/port") { usleep(20_000) }
    let port = Int(try Files.readText(folder + "/port")) ?? 0
    return try body(Server(port: port, folder: folder))
  }

  /// The URL of a file, with the way the server is to behave.
  func url(_ behaviour: String, _ name: String) -> String {
    "http://127.0.0.1:\(port)/\(behaviour)/\(name)"
  }

  /// The requests so far: path and range.
  var requests: [String] {
    ((try? Files.readText(folder + "/log")) ?? "").split(separator: "\n").map(String.init)
  }

  private static func start(_ folder: String) throws -> pid_t {
    var process: pid_t = 0
    let words = ["python3", folder + "/server.py", folder]
    var arguments = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    guard posix_spawnp(&process, "python3", nil, nil, &arguments, environ) == 0 else {
      throw Failure.system("start", "python3")
    }
    return process
  }

  private static let program = """
    import http.server, os, sys, time
    folder = sys.argv[1]
    seen = {}
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'
        def log_message(self, *a): pass
        def do_GET(self):
            way, name = self.path.strip('/').split('/')
            asked = self.headers.get('Range') or ''
            with open(folder + '/log', 'a') as log: log.write((self.path + ' ' + asked).strip() + '\\n')
            seen[self.path] = seen.get(self.path, 0) + 1
            path = folder + '/' + name
            ways = ('good', 'cut', 'once', 'slow', 'drip', 'plain')
            if way == 'once' and seen[self.path] < 3: return self.send_error(503)
            if way not in ways or not os.path.exists(path): return self.send_error(404)
            data = open(path, 'rb').read()
            status, start = 200, 0
            if asked and way != 'plain':
                status, start = 206, int(asked.split('=')[1].rstrip('-'))
            self.send_response(status)
            if status == 206:
                self.send_header('Content-Range', f'bytes {start}-{len(data)-1}/{len(data)}')
            data = data[start:]
            self.send_header('Content-Length', str(len(data)))
            self.end_headers()
            if way == 'slow':
                self.wfile.write(data[:1]); self.wfile.flush(); time.sleep(60)
            elif way == 'drip':
                for place in range(len(data)):
                    self.wfile.write(data[place:place + 1]); self.wfile.flush(); time.sleep(0.2)
            elif way == 'cut' and seen[self.path] < 3:
                self.wfile.write(data[:len(data) // 2]); self.wfile.flush()
                self.close_connection = True
            else: self.wfile.write(data)
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    open(folder + '/new', 'w').write(str(server.server_port))
    os.rename(folder + '/new', folder + '/port')
    server.serve_forever()
    """
}
