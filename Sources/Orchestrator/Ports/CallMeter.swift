import Synchronization

/// Counts what was called; shared by everything that calls.
package final class CallMeter: Sendable {
  package struct Reading: Sendable, Equatable {
    /// `ec2:DescribeImages` → calls, every attempt counted.
    package var calls: [String: Int] = [:]
    package var throttledResponses = 0
    /// Time that calls waited for a token or backed off after throttling, summed over concurrent calls.
    package var throttledTime: Duration = .zero
  }

  private let state = Mutex(Reading())

  package init() {}

  package var reading: Reading { state.withLock { $0 } }
  package func countCall(service: String, operation: String) {
    state.withLock { $0.calls["\(service):\(operation)", default: 0] += 1 }
  }
  package func countThrottledResponse() { state.withLock { $0.throttledResponses += 1 } }
  package func addThrottledTime(_ time: Duration) { state.withLock { $0.throttledTime += time } }
}
