/// The content id of a vmdk that is made from a UUID: eight hexadecimal digits.
///
/// The two greatest numbers mean "no disk" and "not known" (VMware's "Virtual Disk Format 5.0").
package func contentID(from uuid: String) -> String {
  let digits = String(uuid.filter { $0 != "-" }.prefix(8))
  return digits >= "fffffffe" ? "00000001" : digits
}
