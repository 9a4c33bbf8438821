package import Model

/// Variables by which a program of the build tree sees a clock that stands still, and random numbers
/// of a seed, for what it has no option for (libfaketime; Debian package faketime).
///
/// - Parameters:
///   - epoch: The time it sees.
///   - architecture: Of the build tree.
///   - uuid: Whose first sixteen digits are the seed.
/// - Returns: What to add to its environment.
package func stillClock(at epoch: Timestamp, on architecture: Architecture, uuid: String)
  -> [String: String?]
{
  let triplet = architecture == .amd64 ? "x86_64-linux-gnu" : "aarch64-linux-gnu"
  let seed = uuid.filter { $0 != "-" }.prefix(16).uppercased()
  return [
    "LD_PRELOAD": "/usr/lib/\(triplet)/faketime/libfaketime.so.1", "FAKETIME_FMT": "%s",
    "FAKETIME": "\(epoch.seconds)", "FAKERANDOM_SEED": "0x\(seed)", "NO_FAKE_STAT": "1",
    "FAKETIME_DONT_FAKE_MONOTONIC": "1",
  ]
}
