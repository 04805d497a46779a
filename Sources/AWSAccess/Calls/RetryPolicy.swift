import Determinism
import Governance
import Synchronization

/// What to do after a failed attempt. Pure but for the jitter, whose generator is seeded and shared.
final class RetryPolicy: Sendable {
  enum Decision: Equatable {
    case giveUp
    case retry(after: Duration)
    /// Get new credentials and try again at once; this happens once per call.
    case refresh
  }

  struct Progress {
    var mutating: Bool
    /// Attempts made.
    var attempts = 0
    /// Credentials that can be got anew, and have not been for this call.
    var canRefresh: Bool
  }

  private let maximumAttempts: Int
  private let generator: Mutex<SeededGenerator>

  static let longestDelay: Duration = .seconds(20)
  /// A server that asks for more patience than this is not waited for any longer.
  static let longestRetryAfter: Duration = .seconds(60)

  init(maximumAttempts: Int, seed: UInt64) {
    self.maximumAttempts = max(1, maximumAttempts)
    generator = Mutex(SeededGenerator(seed: seed, stream: "retry jitter"))
  }

  func decide(_ failure: CallFailure, _ progress: Progress) -> Decision {
    if failure.asksForNewCredentials { return progress.canRefresh ? .refresh : .giveUp }
    guard failure.isTransient, progress.attempts < maximumAttempts else { return .giveUp }
    if progress.mutating, failure.mayHaveArrived { return .giveUp }
    return .retry(after: delay(failure, attempts: progress.attempts))
  }

  /// Full jitter: anything between nothing and the exponential bound, so that callers who failed together spread out.
  private func delay(_ failure: CallFailure, attempts: Int) -> Duration {
    let base = failure.isThrottling ? 0.5 : 0.1
    let bound = min(Self.longestDelay.inSeconds, base * Double(1 << min(attempts, 16)))
    let jitter = generator.withLock { $0.unit() } * bound
    let asked = min(failure.retryAfter ?? .zero, Self.longestRetryAfter)
    return max(.nanoseconds(Int64(jitter * 1e9)), asked)
  }
}
