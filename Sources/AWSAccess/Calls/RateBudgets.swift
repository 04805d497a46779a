import AWSWire
import Governance
import Synchronization

/// Token buckets per API × account × region, shared by all callers.
///
/// Invariants:
/// 1. A reservation takes a token at once; where there is none the bucket goes below zero, and the wait that is returned
///    is the time until that very token exists. So callers are served in the order in which they asked.
/// 2. A bucket's rate is never above its nominal one and never below a twentieth of it.
/// 3. A bucket that is full and not throttled lately equals a new one, so forgetting it changes nothing: memory stays
///    bounded over 10,000 accounts.
final class RateBudgets: Sendable {
  struct Key: Hashable, Sendable {
    var api: String
    var account: String
    var region: String
  }

  private struct Bucket {
    let nominal: BucketSize
    var rate: Double
    var tokens: Double
    var updated: Timestamp
    var lastThrottle: Timestamp?

    init(_ nominal: BucketSize, now: Timestamp) {
      self.nominal = nominal
      rate = nominal.refill
      tokens = nominal.capacity
      updated = now
    }

    mutating func refill(now: Timestamp) {
      guard now > updated else { return }
      tokens = min(nominal.capacity, tokens + (now - updated).inSeconds * rate)
      updated = now
    }

    /// Full, and at its nominal rate or throttled so long ago that the rate learned then means nothing any more.
    func isLikeNew(at now: Timestamp) -> Bool {
      tokens >= nominal.capacity && (rate >= nominal.refill || lastThrottle.map { now - $0 > .seconds(600) } ?? true)
    }
  }

  private struct State {
    var buckets: [Key: Bucket] = [:]
    var sweepAt = RateBudgets.comfortableCount
  }

  private static let comfortableCount = 4_096
  private let share: Double
  private let state = Mutex(State())

  init(share: Double) { self.share = share }

  var count: Int { state.withLock { $0.buckets.count } }

  /// Takes a token; how long to wait before it may be used.
  func reserve(_ key: Key, size: BucketSize, now: Timestamp) -> Duration {
    state.withLock { state in
      var bucket = state.buckets[key] ?? Bucket(size.scaled(by: share), now: now)
      bucket.refill(now: now)
      bucket.tokens -= 1
      state.buckets[key] = bucket
      forgetFullBuckets(&state, now: now)
      guard bucket.tokens < 0 else { return .zero }
      return .nanoseconds(Int64(-bucket.tokens / bucket.rate * 1e9) + 1)
    }
  }

  /// A token that was reserved and not used.
  func giveBack(_ key: Key) {
    state.withLock { $0.buckets[key]?.tokens += 1 }
  }

  /// AWS throttled: somebody else uses the quota too. Half the rate, once a second at most, because the calls already in
  /// flight come back throttled together.
  func throttled(_ key: Key, now: Timestamp) {
    state.withLock { state in
      guard var bucket = state.buckets[key] else { return }
      bucket.refill(now: now)
      bucket.tokens = min(bucket.tokens, 0)
      if bucket.lastThrottle.map({ now - $0 >= .seconds(1) }) ?? true {
        bucket.rate = max(bucket.nominal.refill / 20, bucket.rate / 2)
        bucket.lastThrottle = now
      }
      state.buckets[key] = bucket
    }
  }

  /// Slowly back: a twentieth of the nominal rate for each success, once two seconds have passed without throttling.
  func succeeded(_ key: Key, now: Timestamp) {
    state.withLock { state in
      guard var bucket = state.buckets[key], bucket.rate < bucket.nominal.refill, let last = bucket.lastThrottle,
        now - last >= .seconds(2)
      else { return }
      bucket.refill(now: now)
      bucket.rate = min(bucket.nominal.refill, bucket.rate + bucket.nominal.refill / 20)
      state.buckets[key] = bucket
    }
  }

  private func forgetFullBuckets(_ state: inout State, now: Timestamp) {
    guard state.buckets.count > state.sweepAt else { return }
    state.buckets = state.buckets.filter { entry in
      var bucket = entry.value
      bucket.refill(now: now)
      return !bucket.isLikeNew(at: now)
    }
    state.sweepAt = max(Self.comfortableCount, state.buckets.count * 2)
  }
}
