/// xoshiro256** seeded by SplitMix64: the same seed gives the same numbers on every machine and in every version.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  package init(seed: UInt64) {
    var mix = seed
    func next() -> UInt64 {
      mix &+= 0x9E37_79B9_7F4A_7C15
      var value = mix
      value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
      value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
      return value ^ (value >> 31)
    }
    state = (next(), next(), next(), next())
  }

  /// An independent stream of the same seed, so that one consumer's draws do not shift another's.
  package init(seed: UInt64, stream: String) {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in stream.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    self.init(seed: seed ^ hash)
  }

  package mutating func next() -> UInt64 {
    func rotated(_ value: UInt64, _ count: UInt64) -> UInt64 { value << count | value >> (64 - count) }
    let result = rotated(state.1 &* 5, 7) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = rotated(state.3, 45)
    return result
  }

  /// 0..<bound, for a bound above 0. Not the standard library's algorithm, which may change between versions.
  package mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0, "a draw needs at least one possibility")
    return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// 0..<1
  package mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A draw for each letter; the alphabet is ASCII.
  package mutating func text(length: Int, of alphabet: String) -> String {
    var alphabet = alphabet
    return alphabet.withUTF8 { letters in
      unsafe String(unsafeUninitializedCapacity: length) { bytes in
        for position in 0..<length { unsafe bytes[position] = letters[below(letters.count)] }
        return length
      }
    }
  }

  /// A draw for each digit.
  package mutating func hexadecimal(digits: Int) -> String {
    unsafe String(unsafeUninitializedCapacity: digits) { bytes in
      for position in 0..<digits {
        let digit = UInt8(below(16))
        unsafe bytes[position] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
      }
      return digits
    }
  }
}
