import Boot

/// The templates of servers and of machines to develop on, and what is done with each.
extension Template {
  static let servers = [
    Template(
      name: "minimal", use: "its user becomes root by sudo; names of the network are looked up",
      answers: [
        ("printf 'particle\\n' | sudo -S -p '' id -un", "root"),
        ("resolvectl query localhost | head -n1 | cut -d: -f1", "localhost"),
      ]),
    Template(
      name: "database", image: "disk.qcow2", memory: 2048, use: "PostgreSQL answers",
      answers: [
        (
          "printf 'particle\\n' | sudo -S -p '' -u postgres psql -Atc 'create table t (n int);"
            + " insert into t values (42); select n from t'",
          "42"
        ),
        // What the recipe has put into the cluster's settings.
        (
          "printf 'particle\\n' | sudo -S -p '' -u postgres psql -Atc 'show log_min_duration_statement'",
          "1s"
        ),
        ("ls /var/lib/postgresql", "17"),
      ]),
    Template(
      name: "container-host", firmware: .uefi, memory: 2048,
      use: "a container starts by podman, of root and of a user, with a network of its own",
      answers: [
        (container("sudo -S -p '' podman", input: "printf 'particle\\n' | "), "42"),
        (container("podman", input: ""), "42"),
        ("loginctl show-user containers --property=Linger", "Linger=yes"),
        ("podman-compose --version | grep -o 'podman-compose version'", "podman-compose version"),
      ]),
    Template(
      name: "development-cpp", memory: 2048,
      use: "C and C++ by gcc, clang, CMake with Ninja; a breakpoint in gdb; valgrind",
      answers: [
        (
          "printf '#include <stdio.h>\\nint main(void) { puts(\"hello from C\"); }\\n' >a.c"
            + " && gcc -g -Wall a.c -o a && ./a", "hello from C"
        ),
        (
          "printf '#include <iostream>\\nint main() { std::cout << \"hello from C++\" << std::endl; }\\n' >b.cc"
            + " && clang++ -Wall b.cc -o b && ./b", "hello from C++"
        ),
        (
          "printf 'cmake_minimum_required(VERSION 3.20)\\nproject(b CXX)\\nadd_executable(c b.cc)\\n' >CMakeLists.txt"
            + " && cmake -G Ninja -B out . && ninja -C out && ./out/c", "hello from C++"
        ),
        ("gdb -batch -ex 'break main' -ex run ./a | grep -c '^Breakpoint 1, main'", "1"),
        ("valgrind -q --error-exitcode=3 ./a", "hello from C"),
        ("clang-tidy --quiet a.c -- && clang-format a.c | grep -c main", "1"),
        ("git init -q r && git -C r status -s && make --version | grep -o ^GNU", "GNU"),
      ]),
    Template(
      name: "development-go", memory: 2048, use: "a program is made, tested and run by go",
      answers: [
        (
          "mkdir -p h && cd h && go mod init example.org/h && printf 'package main\\nimport \"fmt\"\\n"
            + "func Twice(n int) int { return 2 * n }\\nfunc main() { fmt.Println(Twice(21)) }\\n' >h.go"
            + " && go run .", "42"
        ),
        (
          "cd ~/h && printf 'package main\\nimport \"testing\"\\nfunc TestTwice(t *testing.T)"
            + " { if Twice(2) != 4 { t.Fail() } }\\n' >h_test.go && go vet . && go test . | cut -f1",
          "ok"
        ),
        ("gopls version | head -1 | cut -d ' ' -f 1", "golang.org/x/tools/gopls"),
        ("dlv version | head -1", "Delve Debugger"),
      ]),
    Template(
      name: "development-node", memory: 2048,
      use: "a page from a server in JavaScript; a script of npm",
      answers: [
        (
          "mkdir -p h && cd h && npm init -y >/dev/null && npm pkg set scripts.hello='node -p 6*7'"
            + " && npm run --silent hello", "42"
        ),
        (
          "node -e \"require('http').createServer((q, r) => r.end('page')).listen(8080, () => fetch('http://127.0.0.1:8080')"
            + ".then(a => a.text()).then(t => { console.log(t); process.exit() }))\"", "page"
        ),
      ]),
    Template(
      name: "development-python", memory: 2048,
      use: "a virtual environment with pip; an extension in C is compiled and imported",
      answers: [
        (
          "python3 -m venv v && v/bin/python -c 'print(6 * 7)' && v/bin/pip --version | cut -c1-3",
          "pip"
        ),
        (
          "printf '#include <Python.h>\\nstatic struct PyModuleDef m = {PyModuleDef_HEAD_INIT, \"x\"};\\n"
            + "PyMODINIT_FUNC PyInit_x(void) { return PyModule_Create(&m); }\\n' >x.c"
            + " && gcc -shared -fPIC $(python3-config --includes) x.c -o x.so"
            + " && python3 -c 'import x; print(x.__name__)'", "x"
        ),
        ("pipx --version >/dev/null && echo there", "there"),
      ]),
    Template(
      name: "development-rust", memory: 2048, use: "a program is made, tested and run by cargo",
      answers: [
        ("cargo new --quiet h && cd h && cargo run --quiet --offline", "Hello, world!"),
        (
          "cd ~/h && printf '#[test]\\nfn adds() { assert_eq!(40 + 2, 42); }\\n' >>src/main.rs"
            + " && cargo fmt && cargo clippy --quiet --offline && cargo test --quiet --offline | grep -o 'test result: ok'",
          "test result: ok"
        ),
      ]),
  ]

  /// Makes a small image of the machine's own shell, and starts a container of it.
  private static func container(_ podman: String, input: String) -> String {
    "tar -C / -chf /tmp/root.tar bin/sh lib64/ld-linux-x86-64.so.2 lib/x86_64-linux-gnu/libc.so.6"
      + " && \(input)\(podman) import -q /tmp/root.tar here"
      + " && \(input)\(podman) run --rm --publish 8080:80 here /bin/sh -c 'echo $((6 * 7))'"
  }
}
