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
    let digits = generator.hexadecimal(digits: 32)
    let cuts = [(0, 8), (8, 4), (12, 4), (16, 4), (20, 12)]
    return cuts.map { String(digits.dropFirst($0.0).prefix($0.1)) }.joined(separator: "-")
  }
}
