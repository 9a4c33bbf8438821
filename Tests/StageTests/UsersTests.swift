import Files
import Model
import Processes
import TestSupport
import Testing

@Suite(.needsRoot) struct UsersTests {
  private let before = [
    "/etc/passwd": "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/:/usr/sbin/nologin\n",
    "/etc/group": "root:x:0:\nsudo:x:27:bob\nshadow:x:42:\n",
    "/etc/shadow": "root:*:20000:0:99999:7:::\n",
    "/etc/gshadow": "root:*::\nsudo:*::bob\nshadow:*::\n",
    "/etc/subuid": "bob:100000:65536\n",
    "/etc/login.defs": "# HOME_MODE 0755\nHOME_MODE\t0750\n",
    "/etc/skel/.profile": "# hello\n",
    "/root/x": "",
  ]

  private func attempt(_ options: String) throws -> (result: StageResult, changes: [String]) {
    try withTemporaryDirectory { tree in
      try fill(tree, before)
      var result: StageResult?
      let changed = try changes(in: tree) { result = try run("users", options, on: tree) }
      return (try #require(result), changed)
    }
  }

  @Test func `a user's primary group is another's, and a group that is there keeps its number`()
    throws
  {
    let (result, changed) = try attempt(
      """
      {"groups": [{"name": "build", "spare-gid": 700}, {"name": "sudo", "spare-gid": 701}],
       "users": [{"name": "ada", "uid": 1000, "group": "build"}, {"name": "root", "group": "sudo"}]}
      """)
    #expect(result.status == .exit(0), "\(result.log)")
    let groups = changed.filter { $0.hasPrefix("+ /etc/group ") }
    #expect(
      groups == [
        "+ /etc/group -0644 0:0 'root:x:0:\\nsudo:x:27:bob\\nshadow:x:42:\\nbuild:x:700:\\n'"
      ])
    let users = try #require(changed.first { $0.hasPrefix("+ /etc/passwd ") })
    #expect(users.contains("root:x:0:27:root:/root:/bin/bash\\n"), "\(users)")
    #expect(users.contains("ada:x:1000:700::/home/ada:/bin/sh\\n"), "\(users)")
    #expect(changed.contains("+ /home/ada d0750 1000:700"), "\(changed)")

    let (refused, _) = try attempt(#"{"users": [{"name": "ada", "uid": 1000, "group": "sudoo"}]}"#)
    #expect(refused.status == .exit(1))
    #expect(refused.log.contains("the tree has no group 'sudoo'"), "\(refused.log)")
    #expect(refused.log.contains("did you mean 'sudo'?"), "\(refused.log)")
  }

  @Test func makesAUserWithAHome() throws {
    let (result, changed) = try attempt(
      """
      {"groups": [{"name": "build", "gid": 900}],
       "users": [{"name": "ada", "uid": 1000, "gid": 1000, "comment": "Ada L.",
         "groups": ["sudo", "build"], "password-hash": "$6$a$b", "ssh-keys": ["ssh-ed25519 A"]}]}
      """)
    #expect(result.status == .exit(0), "\(result.log)")
    #expect(
      changed == [
        "- /etc/group -0644 0:0 'root:x:0:\\nsudo:x:27:bob\\nshadow:x:42:\\n'",
        "- /etc/gshadow -0644 0:0 'root:*::\\nsudo:*::bob\\nshadow:*::\\n'",
        "- /etc/passwd -0644 0:0 'root:x:0:0:root:/root:/bin/bash\\n"
          + "daemon:x:1:1::/:/usr/sbin/nologin\\n'",
        "- /etc/shadow -0644 0:0 'root:*:20000:0:99999:7:::\\n'",
        "- /etc/subuid -0644 0:0 'bob:100000:65536\\n'",
        "+ /etc/group -0644 0:0 'root:x:0:\\nsudo:x:27:bob,ada\\nshadow:x:42:\\n"
          + "build:x:900:ada\\nada:x:1000:\\n'",
        "+ /etc/gshadow -0644 0:0 'root:*::\\nsudo:*::bob,ada\\nshadow:*::\\nbuild:!::ada\\n"
          + "ada:!::\\n'",
        "+ /etc/passwd -0644 0:0 'root:x:0:0:root:/root:/bin/bash\\n"
          + "daemon:x:1:1::/:/usr/sbin/nologin\\nada:x:1000:1000:Ada L.:/home/ada:/bin/sh\\n'",
        "+ /etc/shadow -0644 0:0 'root:*:20000:0:99999:7:::\\nada:$6$a$b:20708:0:99999:7:::\\n'",
        "+ /etc/subgid -0644 0:0 'ada:100000:65536\\n'",
        "+ /etc/subuid -0644 0:0 'bob:100000:65536\\nada:165536:65536\\n'",
        "+ /home d0755 0:0",
        "+ /home/ada d0750 1000:1000",
        "+ /home/ada/.profile -0644 1000:1000 '# hello\\n'",
        "+ /home/ada/.ssh d0700 1000:1000",
        "+ /home/ada/.ssh/authorized_keys -0600 1000:1000 'ssh-ed25519 A\\n'",
      ])
  }

  @Test func changesRoot() throws {
    let (result, changed) = try attempt(
      #"{"users": [{"name": "root", "password-hash": "$6$r", "ssh-keys": ["k1", "k2"]}]}"#)
    #expect(result.status == .exit(0), "\(result.log)")
    #expect(
      changed == [
        "- /etc/shadow -0644 0:0 'root:*:20000:0:99999:7:::\\n'",
        "+ /etc/shadow -0644 0:0 'root:$6$r:20708:0:99999:7:::\\n'",
        "+ /root/.ssh d0700 0:0",
        "+ /root/.ssh/authorized_keys -0600 0:0 'k1\\nk2\\n'",
      ])
  }

  @Test(arguments: [
    (
      #"{"users": [{"name": "ada", "uid": 1, "gid": 1000}]}"#,
      """
      users: cannot set up the user 'ada': its id 1 belongs to the user 'daemon'
        help: choose another id
      """
    ),
    (
      #"{"users": [{"name": "ada", "uid": 1000, "gid": 27}]}"#,
      """
      users: cannot set up the group 'ada': its id 27 belongs to the group 'sudo'
        help: choose another id
      """
    ),
    (
      #"{"users": [{"name": "ada", "uid": 1000, "gid": 1000, "groups": ["sud"]}]}"#,
      """
      users: cannot set up the user 'ada': the tree has no group 'sud'
        help: did you mean 'sudo'? create it in the recipe, or install the package that creates it
      """
    ),
    (
      #"{"users": [{"name": "daemon", "uid": 2}]}"#,
      """
      users: cannot set up the user 'daemon': it already has the id 1
        help: use that id, or leave it out
      """
    ),
    (
      #"{"users": [{"name": "ada"}]}"#,
      """
      users: cannot set up the user 'ada': it is not in the tree, and no id is given
        help: add 'uid'
      """
    ),
    (
      #"{"groups": [{"name": "sudo", "gid": 28}]}"#,
      """
      users: cannot set up the group 'sudo': it already has the id 27
        help: use that id, or leave it out
      """
    ),
    (
      #"{"users": [{"name": "ada", "uid": 1000, "comment": "a:b"}]}"#,
      """
      users: cannot set up the user 'ada': 'a:b' contains a colon or a line break
        help: write it without colons and line breaks
      """
    ),
  ])
  func refuses(_ options: String, _ message: String) throws {
    let (result, changed) = try attempt(options)
    #expect(result.status == .exit(1))
    #expect(result.log == message + "\n")
    #expect(changed.isEmpty)
  }

  @Test(arguments: ["a:\u{301}b", "a\nb:x", "a\r\nroot2::0:0::/:/bin/sh"])
  func `what would break a line is refused, whatever follows it`(comment: String) throws {
    let quoted = String(decoding: Node.string(comment).canonicalBytes, as: UTF8.self)
    let (result, changed) = try attempt(
      """
      {"users": [{"name": "ada", "uid": 1000, "gid": 1000, "comment": \(quoted)}]}
      """)
    #expect(result.status == .exit(1))
    #expect(result.log.contains("contains a colon or a line break"))
    #expect(changed == [])
  }
}
