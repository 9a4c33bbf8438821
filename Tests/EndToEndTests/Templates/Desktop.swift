import Boot
import Files
import Model
import TestSupport
import Testing

/// A template with a screen, and how somebody gets in there.
struct Desktop: Sendable, CustomTestStringConvertible {
  var template: Template
  /// The service that greets.
  var greeter: String
  /// What is typed at it, with pauses of some seconds between: its keys by QEMU's names, or a text.
  var typed: [String]
  /// The process that draws the session's panel.
  var panel: String

  var testDescription: String { template.name }

  static let all = [
    Desktop(
      template: Self.template("xfce"), greeter: "lightdm", typed: ["admin", "particle"],
      panel: "xfce4-panel"),
    Desktop(
      template: Self.template("mate"), greeter: "lightdm", typed: ["admin", "particle"],
      panel: "mate-panel"),
    Desktop(
      template: Self.template("gaming", also: "; programs of i386 find the libraries of OpenGL"),
      greeter: "lightdm", typed: ["admin", "particle"], panel: "xfce4-panel"),
    Desktop(
      template: Self.template("gnome"), greeter: "gdm", typed: ["", "particle"],
      panel: "gnome-shell"),
    Desktop(
      template: Self.template("kde"), greeter: "sddm", typed: ["particle"], panel: "plasmashell"),
  ]

  private static func template(_ name: String, also: String = "") -> Template {
    Template(
      name: name, firmware: .uefi, memory: 3072,
      use:
        "its greeter and, with a password that was typed there, its session are on the screen\(also)"
    )
  }

  /// Photographs the greeter, types the password, and photographs the session.
  func use(_ machine: Machine) throws {
    try #require(try machine.answer("systemctl is-active display-manager.service") == "active")
    try #require(
      try machine.answer("systemctl show -P Id display-manager.service") == "\(greeter).service")
    try waitForSession("greeter", of: nil, on: machine)
    try expectPicture("greeter", of: machine)
    for text in typed {
      try machine.press(text.map { String($0) } + ["ret"])
      _ = try machine.run("sleep 10")
    }
    try waitForSession("user", of: "admin", on: machine)
    try machine.waitFor("pgrep -u admin -f \(panel)", within: 600)
    try expectPicture("session", of: machine)
    if template.name == "gaming" {
      let seen = try machine.answer(
        "/lib/ld-linux.so.2 --list /usr/lib/i386-linux-gnu/libGL.so.1 | grep -c 'not found'; dpkg --print-foreign-architectures"
      )
      try #require(seen == "0\ni386")
    }
  }

  /// Waits for a graphical session of a class, and of somebody, that has the screen.
  private func waitForSession(_ kind: String, of user: String?, on machine: Machine) throws {
    let name = user.map { " && [ $Name = \($0) ]" } ?? ""
    try machine.waitFor(
      """
      for id in $(loginctl list-sessions --no-legend | tr -s ' ' | sed 's/^ //' | cut -d' ' -f1); do
        eval $(loginctl show-session $id -p Class -p Type -p Active -p Name)
        [ $Class = \(kind) ] && [ $Active = yes ] && { [ $Type = x11 ] || [ $Type = wayland ]; }\(name) && exit 0
      done; false
      """, within: 1200)
  }

  /// The screen shows something that has been drawn: many colours, and nobody is busy with more.
  private func expectPicture(_ name: String, of machine: Machine) throws {
    let folder = Places.repository + "/.build/full-test/screens"
    try Files.makeDirectories(folder)
    let picture = "\(folder)/\(template.name)-\(name).png"
    // A session that is there may be minutes away from its first picture.
    try machine.waitFor("awk '{ exit !($1 < 0.6) }' /proc/loadavg", within: 1800)
    var (seen, colours) = ("", 0)
    for _ in 1...40 where colours < 200 {
      _ = try machine.run("sleep 15")
      try machine.photograph(to: picture)
      seen = try tool(["python3", "-c", Self.count, picture], from: "python3")
      colours = Int(seen.split(separator: "\n").first ?? "") ?? 0
    }
    try #require(colours >= 200, "\(picture): \(seen)")
  }

  /// How many colours a picture of QEMU has.
  private static let count = """
    import struct, sys, zlib
    data = open(sys.argv[1], 'rb').read()
    width, height = struct.unpack('>II', data[16:24])
    at, packed = 8, b''
    while at < len(data):
      size, name = struct.unpack('>I4s', data[at:at + 8])
      packed += data[at + 8:at + 8 + size] if name == b'IDAT' else b''
      at += size + 12
    rows = zlib.decompress(packed)
    stride = width * 3 + 1
    colours, before = set(), bytearray(width * 3)
    for y in range(height):
      kind, line = rows[y * stride], bytearray(rows[y * stride + 1:(y + 1) * stride])
      for x in range(len(line)):
        a = line[x - 3] if x > 2 else 0
        b = before[x]
        c = before[x - 3] if x > 2 else 0
        if kind == 1: line[x] = (line[x] + a) & 255
        elif kind == 2: line[x] = (line[x] + b) & 255
        elif kind == 3: line[x] = (line[x] + (a + b) // 2) & 255
        elif kind == 4:
          p = a + b - c
          pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
          line[x] = (line[x] + (a if pa <= pb and pa <= pc else b if pb <= pc else c)) & 255
      before = line
      colours.update(bytes(line[x:x + 3]) for x in range(0, len(line), 3))
    print(len(colours))
    """
}

extension Machine {
  /// Asks until a command succeeds.
  func waitFor(_ command: String, within seconds: Int) throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    var said = ""
    while ContinuousClock.now < deadline {
      let answer = try run("(\(command)\n)", within: seconds)
      if answer.status == 0 { return }
      said = answer.output
      _ = try run("sleep 3")
    }
    Issue.record("not within \(seconds) s: \(command)\n\(said)")
    throw Failure("wait for", command, cause: said)
  }
}
