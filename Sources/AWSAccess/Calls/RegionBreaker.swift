import Governance
import Synchronization

/// Stops calling a service in a region that does not answer: some regions let clients hang until their timeouts.
///
/// Invariants:
/// 1. Closed → open after `threshold` failures to connect or timeouts in a row; any answer resets the count.
/// 2. Open: nobody calls until the cool-down is over. Then exactly one probe at a time; its answer closes the breaker,
///    its failure opens it again.
final class RegionBreaker: Sendable {
  struct Place: Hashable, Sendable {
    var service: String
    var region: String
  }

  private struct Circuit {
    var failures = 0
    var openUntil: Timestamp?
    var isProbing = false
    var lastFailure = ""
  }

  private let threshold: Int
  private let coolDown: Duration
  private let circuits = Mutex<[Place: Circuit]>([:])

  init(threshold: Int, coolDown: Duration) {
    self.threshold = max(1, threshold)
    self.coolDown = coolDown
  }

  func admit(_ place: Place, now: Timestamp) throws(FailureReason) {
    let refusal: FailureReason? = circuits.withLock { circuits in
      guard var circuit = circuits[place], let until = circuit.openUntil else { return nil }
      if now >= until, !circuit.isProbing {
        circuit.isProbing = true
        circuits[place] = circuit
        return nil
      }
      let next = circuit.isProbing ? "a probe is under way" : "the next try is at \(until.iso8601)"
      return FailureReason(
        kind: .unreachable, code: "RegionUnreachable",
        message: "\(place.service) in \(place.region) did not answer \(circuit.failures) calls in a row "
          + "(last: \(circuit.lastFailure)); \(next)")
    }
    if let refusal { throw refusal }
  }

  func answered(_ place: Place) {
    circuits.withLock { _ = $0.removeValue(forKey: place) }
  }

  func failed(_ place: Place, because reason: String, now: Timestamp) {
    circuits.withLock { circuits in
      var circuit = circuits[place] ?? Circuit()
      circuit.failures += 1
      circuit.isProbing = false
      circuit.lastFailure = reason
      if circuit.failures >= threshold { circuit.openUntil = now + coolDown }
      circuits[place] = circuit
    }
  }

  /// The call ended without saying anything about the region: cancelled, or failed before it left.
  func withdrew(_ place: Place) {
    circuits.withLock { $0[place]?.isProbing = false }
  }
}
