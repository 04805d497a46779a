import AWSWire
import Determinism
import Governance
import Synchronization

/// Credentials that are always fresh: got when first asked for, renewed ahead of expiry, by one caller at a time.
///
/// Invariants:
/// 1. What is returned has not expired.
/// 2. A renewal that fails while the old ones still live is not an error; it is tried again after a pause.
/// 3. A failure is never remembered beyond that: the next caller tries again.
final class RefreshingCredentials: Sendable {
  private struct State {
    var current: Credentials?
    /// After a renewal ahead of expiry failed: the time of the next try.
    var nextRenewal: Timestamp?
    var isRenewing = false
  }

  static let refreshAhead: Duration = .seconds(300)
  private static let pauseAfterFailure: Duration = .seconds(30)

  private let clock: any WorldClock
  private let fetch: @Sendable () async throws(FailureReason) -> Credentials
  private let flight = SingleFlight<Credentials>()
  private let state = Mutex(State())

  init(clock: any WorldClock, fetch: @escaping @Sendable () async throws(FailureReason) -> Credentials) {
    self.clock = clock
    self.fetch = fetch
  }

  func current() async throws(FailureReason) -> Credentials {
    let now = clock.now
    let (living, renews) = state.withLock { state -> (Credentials?, Bool) in
      guard let current = state.current, current.lives(at: now, for: .zero) else { return (nil, false) }
      if current.lives(at: now, for: Self.refreshAhead) { return (current, false) }
      // Nearly expired: one caller renews, the others go on with what there is.
      let renews = !state.isRenewing && state.nextRenewal.map { now >= $0 } ?? true
      if renews { state.isRenewing = true }
      return (current, renews)
    }
    guard let living else { return try await renew(unlessLivingFor: .zero) }
    return renews ? try await renewAhead(of: living) : living
  }

  /// AWS does not take `used` any longer. If nobody has renewed them yet, the next caller does.
  func discard(_ used: Credentials) {
    state.withLock { state in
      if state.current == used { state.current = nil }
    }
  }

  private func renewAhead(of living: Credentials) async throws(FailureReason) -> Credentials {
    defer { state.withLock { $0.isRenewing = false } }
    do throws(FailureReason) {
      return try await renew(unlessLivingFor: Self.refreshAhead)
    } catch {
      let now = clock.now
      guard error.kind != .cancelled, living.lives(at: now, for: .zero) else { throw error }
      state.withLock { $0.nextRenewal = now + Self.pauseAfterFailure }
      return living
    }
  }

  private func renew(unlessLivingFor margin: Duration) async throws(FailureReason) -> Credentials {
    try await flight.run { () async throws(FailureReason) -> Credentials in
      let now = clock.now
      if let current = state.withLock({ $0.current }), current.lives(at: now, for: margin) { return current }
      let fetched = try await fetch()
      guard fetched.lives(at: clock.now, for: .zero) else {
        throw FailureReason(
          kind: .denied, code: "ExpiredCredentials",
          message: "the credentials that were given expired at \(fetched.expiration?.iso8601 ?? "an unknown time")")
      }
      state.withLock { state in
        state.current = fetched
        state.nextRenewal = nil
      }
      return fetched
    }
  }
}

extension Credentials {
  func lives(at time: Timestamp, for margin: Duration) -> Bool { expiration.map { $0 > time + margin } ?? true }
}
