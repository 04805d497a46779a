import Governance
import Orchestrator
import Synchronization

/// Scopes that wait for the ledger at the same time go into one transaction: what SQLite writes for a transaction is
/// whole pages, and most pages are the same from scope to scope.
///
/// Invariants:
/// 1. Every scope is on its way into exactly one transaction; its caller returns when that transaction has ended.
/// 2. A scope is in the ledger whole or not at all. When a shared transaction fails, each of its scopes is tried alone,
///    so that one scope's fault is no other's.
/// 3. Nobody waits for company: the lane takes what is there when its turn comes.
final class SharedCommits: Sendable {
  struct Entry: Sendable {
    var result: ScopeResult
    var sweep: String
    var now: Timestamp

    var doing: String { "committing \(result.coverage.scope) of the sweep \(sweep)" }
  }

  private struct State {
    var next = 0
    var waiting: [(number: Int, entry: Entry)] = []
    /// Of scopes whose transaction has ended while their own turn on the lane is to come.
    var ended: [Int: LedgerError?] = [:]
  }

  private let state = Mutex(State())
  /// More would keep readers and the lease waiting.
  private static let limit = 64

  func add(_ entry: Entry, to ledger: SQLiteLedger) async throws {
    let number = state.withLock { state in
      state.next += 1
      state.waiting.append((state.next, entry))
      return state.next
    }
    do {
      try await ledger.perform(entry.doing) { database throws(LedgerError) in
        if let ended = self.take(number) { return try Self.rethrow(ended) }
        self.commitWaiting(in: database)
        if let ended = self.take(number) { try Self.rethrow(ended) }
      }
    } catch {
      // A lane that could not run it leaves nothing behind.
      state.withLock { state in
        state.waiting.removeAll { $0.number == number }
        state.ended[number] = nil
      }
      throw error
    }
  }

  private func take(_ number: Int) -> LedgerError?? {
    state.withLock { $0.ended.removeValue(forKey: number) }
  }

  private static func rethrow(_ error: LedgerError?) throws(LedgerError) {
    if let error { throw error }
  }

  /// On the lane, which runs one call at a time: whoever comes first commits for all who wait.
  private func commitWaiting(in database: SQLiteDatabase) {
    let batch = state.withLock { state in
      let batch = Array(state.waiting.prefix(Self.limit))
      state.waiting.removeFirst(batch.count)
      return batch
    }
    var outcomes = [LedgerError?](repeating: nil, count: batch.count)
    if let failure = Self.commit(batch.map(\.entry), in: database) {
      outcomes = batch.count == 1 ? [failure] : batch.map { Self.commit([$0.entry], in: database) }
    }
    state.withLock { state in
      for (position, item) in batch.enumerated() { state.ended[item.number] = .some(outcomes[position]) }
    }
  }

  private static func commit(_ entries: [Entry], in database: SQLiteDatabase) -> LedgerError? {
    do throws(LedgerError) {
      try database.setSynchronous(.normal)
      try database.transaction { () throws(LedgerError) in
        for entry in entries {
          database.doing = entry.doing
          try ScopeCommit(result: entry.result, sweep: entry.sweep, now: entry.now, database: database).run()
        }
      }
      return nil
    } catch {
      return error
    }
  }
}
