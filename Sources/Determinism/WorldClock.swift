package import Governance

/// The only source of time. Live: the wall clock, made in `reeve`. In a replay: virtual time.
package protocol WorldClock: Sendable {
  var now: Timestamp { get }

  /// Returns once `deadline` has come; throws `CancellationError` when the task is cancelled first.
  func sleep(until deadline: Timestamp) async throws
}

extension WorldClock {
  package func sleep(for duration: Duration) async throws { try await sleep(until: now + duration) }
}

/// A clock that stands still until it is set. For code that reads the time but never waits.
package struct FixedClock: WorldClock {
  package let now: Timestamp

  package init(_ now: Timestamp) { self.now = now }
  package func sleep(until deadline: Timestamp) async throws { try Task.checkCancellation() }
}
