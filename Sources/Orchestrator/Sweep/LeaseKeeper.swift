import Determinism
import Governance

/// Holds the ledger's lease for the length of a body, renewing it; a lost lease stops the body.
package struct LeaseKeeper: Sendable {
  let ledger: any SweepLedger
  let clock: any WorldClock
  let holder: String
  let purpose: String
  let stop: StopSignal
  /// Is the process that a lease names known to be gone? Where that cannot be known, its lease is waited out.
  let holderIsDead: @Sendable (String) -> Bool

  /// A holder that has died is succeeded after this long.
  package static let duration = Duration.seconds(120)

  func hold<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
    try await acquire()
    let result: Result<Value, any Error> = await withTaskGroup(of: Void.self) { group in
      group.addTask { await renew() }
      let result: Result<Value, any Error>
      do {
        result = .success(try await body())
      } catch {
        result = .failure(error)
      }
      group.cancelAll()
      return result
    }
    if case .failure(let error) = result {
      // The body's own error says more than one of giving the lease back; it expires by itself.
      do { try await ledger.releaseLease(holder: holder) } catch { stop.raise("\(error)") }
      throw error
    }
    try await ledger.releaseLease(holder: holder)
    return try result.get()
  }

  private func acquire() async throws {
    let now = clock.now
    let lease = Lease(holder: holder, purpose: purpose, since: now, expiry: now + Self.duration)
    do {
      try await ledger.acquireLease(lease, now: now)
    } catch LedgerError.held(let other) where other.holder != holder && holderIsDead(other.holder) {
      try await ledger.releaseLease(holder: other.holder)
      try await ledger.acquireLease(lease, now: now)
    }
  }

  private func renew() async {
    while true {
      do {
        try await clock.sleep(for: Self.duration / 4)
      } catch {
        return  // cancelled: the body is done
      }
      do {
        try await ledger.renewLease(holder: holder, until: clock.now + Self.duration)
      } catch {
        return stop.raise("\(error)")
      }
    }
  }
}
