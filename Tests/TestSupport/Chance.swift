internal import Glibc

/// Random numbers that can be had again (SplitMix64).
///
/// The seed is `PARTICLE_SEED`, or new each time; whoever uses it prints it.
package struct Chance: RandomNumberGenerator, Sendable {
  package let seed: UInt64
  private var state: UInt64

  package init() {
    let wanted = getenv("PARTICLE_SEED").flatMap { UInt64(String(cString: $0)) }
    seed = wanted ?? UInt64.random(in: 0...UInt64(UInt32.max))
    state = seed
  }

  /// The same numbers each time.
  package init(seed: UInt64) {
    self.seed = seed
    state = seed
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
