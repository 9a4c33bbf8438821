import Files
import Model
import Processes
import StageKit
import TestSupport
import Testing

/// Databases as Berkeley DB itself makes them.
@Suite struct BerkeleyDatabaseTests {
  private let epoch = Timestamp(seconds: 1_700_000_000)

  private func database(_ kind: String, at time: Int) throws -> [UInt8] {
    try withTemporaryDirectory { folder in
      let script = """
        use DB_File; use Fcntl;
        tie(my %h, 'DB_File', $ARGV[0], O_CREAT | O_RDWR, 0644, $DB_File::\(kind)) or die $!;
        $h{"postmaster\\0"} = "root\\0"; $h{YP_LAST_MODIFIED} = \(time); $h{YP_MASTER_NAME} = 'x';
        """
      _ = try Command(["perl", "-e", script, folder + "/a.db"]).runChecked()
      return try Files.read(folder + "/a.db")
    }
  }

  private func content(_ bytes: [UInt8], _ kind: String) throws -> String {
    try withTemporaryDirectory { folder in
      try Files.write(bytes, to: folder + "/a.db")
      let script = """
        use DB_File; use Fcntl;
        tie(my %h, 'DB_File', $ARGV[0], O_RDONLY, 0644, $DB_File::\(kind)) or die $!;
        print join(' ', map { s/\\0//gr } map { ($_, $h{$_}) } sort keys %h);
        """
      return try Command(["perl", "-e", script, folder + "/a.db"]).runChecked().text
    }
  }

  @Test(arguments: ["DB_HASH", "DB_BTREE"])
  func `whenever it was made, it is the same, and is read as before`(kind: String) throws {
    let (first, second) = (
      try database(kind, at: 1_799_999_998), try database(kind, at: 1_799_999_999)
    )
    #expect(first != second)
    let settled = try [first, second].map {
      try #require(BerkeleyDatabase($0)).settled(at: "/etc/aliases.db", epoch)
    }
    #expect(settled[0][52..<72] == settled[1][52..<72] && settled[0][52..<72] != first[52..<72])
    guard kind == "DB_HASH" else { return }
    #expect(settled[0] == settled[1])
    #expect(
      try content(settled[0], kind)
        == "YP_LAST_MODIFIED 1700000000 YP_MASTER_NAME x postmaster root")
  }

  @Test func `other files are left alone`() throws {
    #expect(BerkeleyDatabase([]) == nil)
    #expect(BerkeleyDatabase([UInt8](repeating: 0, count: 4096)) == nil)
    var summed = try database("DB_HASH", at: 1)
    summed[26] |= 1
    #expect(BerkeleyDatabase(summed) == nil)
  }
}
