import Determinism

/// The id of the nth call: it costs its text only where somebody reads it.
package struct RequestID: Sendable, Equatable {
  package var seed: UInt64
  package var number: Int

  /// As AWS writes one.
  package var text: String { Self.text(seed, "request#\(number)") }
  /// Of CloudTrail's event about the call.
  package var eventID: String { Self.text(seed, "event#\(number)") }

  private static func text(_ seed: UInt64, _ stream: String) -> String {
    var generator = SeededGenerator(seed: seed, stream: stream)
    return unsafe String(unsafeUninitializedCapacity: 36) { text in
      for position in 0..<36 {
        switch position {
        case 8, 13, 18, 23: unsafe text[position] = UInt8(ascii: "-")
        default:
          let digit = UInt8(generator.below(16))
          unsafe text[position] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
        }
      }
      return 36
    }
  }
}
