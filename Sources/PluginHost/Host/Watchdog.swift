import Governance

/// A call into a plugin, as a watchdog sees it.
package struct WatchedCall: Sendable, Equatable {
  package var plugin: String
  package var version: String
  /// `evaluate`, `begin`, …
  package var function: String
  /// On what: `check image.public, 512 resources in 111122223333/eu-west-1`. May be empty.
  package var detail: String
  /// How long it may take.
  package var limit: Duration

  package init(plugin: String, version: String, function: String, detail: String, limit: Duration) {
    self.plugin = plugin
    self.version = version
    self.function = function
    self.detail = detail
    self.limit = limit
  }

  /// What is to be said when it took longer.
  package var overdueMessage: String {
    "plugin \(plugin) \(version) did not return from \(function) within \(limit.brief)"
      + (detail.isEmpty ? "" : " (\(detail))")
      + "; a call in this process cannot be ended alone, so reeve ends; what was committed to the ledger stands. "
      + "Leave the plugin out, or tell its author"
  }
}

/// Is told of every call into a plugin, so that one that never returns does not go unnoticed.
package protocol Watchdog: Sendable {
  /// Returns what `callEnded` is to be told.
  func callBegan(_ call: WatchedCall) -> UInt64
  func callEnded(_ token: UInt64)
}

/// For replays and tests, where the clock is not the wall's.
package struct NoWatchdog: Watchdog {
  package init() {}
  package func callBegan(_ call: WatchedCall) -> UInt64 { 0 }
  package func callEnded(_ token: UInt64) {}
}

/// Which calls are under way and until when they may be. Time is the caller's.
struct CallDeadlines {
  private var calls: [UInt64: (call: WatchedCall, deadline: Duration)] = [:]
  private var lastToken: UInt64 = 0

  mutating func began(_ call: WatchedCall, at now: Duration) -> UInt64 {
    lastToken += 1
    calls[lastToken] = (call, now + call.limit)
    return lastToken
  }

  mutating func ended(_ token: UInt64) { calls[token] = nil }

  /// When the next one is due.
  var next: Duration? { calls.values.map(\.deadline).min() }

  /// The calls whose time is over, each told once, the oldest first.
  mutating func overdue(at now: Duration) -> [WatchedCall] {
    let tokens = calls.filter { $0.value.deadline <= now }.keys.sorted()
    return tokens.compactMap { calls.removeValue(forKey: $0)?.call }
  }
}
