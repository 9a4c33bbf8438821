/// The number that digits write; nil for anything but digits, for none at all, and for more than an `Int` holds.
///
/// `Int.init` also takes a sign, which a field of a file that is digits by its definition must not have.
package func number(_ digits: some Sequence<UInt8>, radix: Int = 10) -> Int? {
  var value: Int?
  for byte in digits {
    let digit: Int
    switch byte {
    case 0x30...0x39: digit = Int(byte) - 0x30
    case 0x41...0x46: digit = Int(byte) - 0x41 + 10
    case 0x61...0x66: digit = Int(byte) - 0x61 + 10
    default: return nil
    }
    guard digit < radix else { return nil }
    let (product, isTooLarge) = (value ?? 0).multipliedReportingOverflow(by: radix)
    let (sum, overflows) = product.addingReportingOverflow(digit)
    if isTooLarge || overflows { return nil }
    value = sum
  }
  return value
}
