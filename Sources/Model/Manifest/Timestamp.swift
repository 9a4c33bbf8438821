/// A moment in whole seconds since 1970-01-01T00:00:00Z.
///
/// Written as RFC 3339 in UTC.
package struct Timestamp: Sendable, Hashable, Comparable, CustomStringConvertible {
  package var seconds: Int

  package init(seconds: Int) { self.seconds = seconds }

  /// Reads `2026-09-12T00:00:00Z` or `2026-09-12T02:00:00+02:00`; nil for anything else.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    func number(_ range: Range<Int>) -> Int? {
      guard range.upperBound <= bytes.count else { return nil }
      var value = 0
      for byte in bytes[range] {
        guard (0x30...0x39).contains(byte) else { return nil }
        value = value * 10 + Int(byte - 0x30)
      }
      return value
    }
    guard bytes.count == 20 || bytes.count == 25,
      bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"), bytes[10] == UInt8(ascii: "T"),
      bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
      let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
      let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
      (1...12).contains(month), (1...daysInMonth(month, of: year)).contains(day), hour < 24,
      minute < 60, second < 60
    else { return nil }
    var offset = 0
    if bytes.count == 20 {
      guard bytes[19] == UInt8(ascii: "Z") else { return nil }
    } else {
      guard bytes[22] == UInt8(ascii: ":"), let hours = number(20..<22),
        let minutes = number(23..<25), hours < 24, minutes < 60,
        bytes[19] == UInt8(ascii: "+") || bytes[19] == UInt8(ascii: "-")
      else { return nil }
      offset = (hours * 60 + minutes) * (bytes[19] == UInt8(ascii: "+") ? 60 : -60)
    }
    seconds =
      daysSinceEpoch(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset
  }

  package var description: String {
    let (days, time) = seconds.quotientAndFloorRemainder(86_400)
    let (year, month, day) = civil(days)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let padded = String(repeating: "0", count: max(0, 4 - "\(year)".count)) + "\(year)"
    return "\(padded)-\(two(month))-\(two(day))"
      + "T\(two(time / 3600)):\(two(time / 60 % 60)):\(two(time % 60))Z"
  }

  package static func < (a: Timestamp, b: Timestamp) -> Bool { a.seconds < b.seconds }

  /// The latest time of a file: formats of file systems and archives hold unsigned 32-bit seconds.
  package static var epochSchema: Schema<Timestamp> {
    schema.refusing { time in
      (0...Int(UInt32.max)).contains(time.seconds)
        ? nil
        : (
          "\(time) is not a time that every file system can hold",
          "use a time from \(Timestamp(seconds: 0)) to \(Timestamp(seconds: Int(UInt32.max)))"
        )
    }
  }

  /// A day: the moment at which it begins in UTC; a moment of RFC 3339 stands for its day.
  package static var daySchema: Schema<Timestamp> {
    Schema<String>.string.mapped(
      { text, node, problems in
        let time = Timestamp(text) ?? Timestamp(text + "T00:00:00Z")
        if let time { return Timestamp(seconds: time.seconds - time.secondsOfDay) }
        problems.report(
          "'\(text)' is not a valid date", at: node.mark,
          remedy: "write the year, the month and the day: 2026-09-12")
        return nil
      }, { String($0.description.prefix(10)) }
    ).describing([("pattern", .string("^[0-9]{4}-[0-9]{2}-[0-9]{2}(T.*)?$"))])
  }

  private var secondsOfDay: Int { seconds.quotientAndFloorRemainder(86_400).1 }

  package static var schema: Schema<Timestamp> {
    Schema<String>.string.mapped(
      { text, node, problems in
        if let time = Timestamp(text) { return time }
        problems.report(
          "'\(text)' is not a valid time", at: node.mark,
          remedy: "write an RFC 3339 time: 2026-09-12T00:00:00Z")
        return nil
      }, { $0.description }
    ).describing([("format", .string("date-time"))])
  }
}

extension Int {
  fileprivate func quotientAndFloorRemainder(_ divisor: Int) -> (Int, Int) {
    let remainder = ((self % divisor) + divisor) % divisor
    return ((self - remainder) / divisor, remainder)
  }
}

private func daysInMonth(_ month: Int, of year: Int) -> Int {
  let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar (Hinnant, "chrono-Compatible
/// Low-Level Date Algorithms").
private func daysSinceEpoch(_ year: Int, _ month: Int, _ day: Int) -> Int {
  let y = month <= 2 ? year - 1 : year
  let (era, yearOfEra) = y.quotientAndFloorRemainder(400)
  let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
  return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
}

private func civil(_ days: Int) -> (Int, Int, Int) {
  let (era, dayOfEra) = (days + 719_468).quotientAndFloorRemainder(146_097)
  let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let shifted = (5 * dayOfYear + 2) / 153
  let month = shifted < 10 ? shifted + 3 : shifted - 9
  let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return (year, month, dayOfYear - (153 * shifted + 2) / 5 + 1)
}
