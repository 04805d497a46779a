import Synchronization

/// Keeps the most recently used of what is expensive to make.
///
/// Invariants: at most `capacity` entries; the one that leaves is the one not asked for the longest.
final class SessionCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private struct State {
    var entries: [Key: (value: Value, use: UInt64)] = [:]
    var uses: UInt64 = 0
  }

  private let capacity: Int
  private let state = Mutex(State())

  init(capacity: Int) { self.capacity = max(1, capacity) }

  var count: Int { state.withLock { $0.entries.count } }

  func value(for key: Key, make: () -> Value) -> Value {
    state.withLock { state in
      state.uses += 1
      let value = state.entries[key]?.value ?? make()
      state.entries[key] = (value, state.uses)
      if state.entries.count > capacity, let oldest = state.entries.min(by: { $0.value.use < $1.value.use }) {
        state.entries.removeValue(forKey: oldest.key)
      }
      return value
    }
  }
}
