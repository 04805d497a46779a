import Determinism
import Governance
import Orchestrator
import Synchronization
import Testing

@testable import PluginHost

/// Records what it is told.
private final class RecordingWatchdog: Watchdog {
  private let state = Mutex((began: [WatchedCall](), ended: [UInt64]()))
  var began: [WatchedCall] { state.withLock { $0.began } }
  var ended: [UInt64] { state.withLock { $0.ended } }

  func callBegan(_ call: WatchedCall) -> UInt64 {
    state.withLock { state in
      state.began.append(call)
      return UInt64(state.began.count)
    }
  }
  func callEnded(_ token: UInt64) { state.withLock { $0.ended.append(token) } }
}

@Suite struct WatchdogTests {
  private static func call(_ plugin: String, limit: Int) -> WatchedCall {
    WatchedCall(plugin: plugin, version: "1.0.0", function: "evaluate", detail: "", limit: .seconds(limit))
  }

  @Test("A call is overdue at its deadline, told once, and not when it has ended")
  func deadlines() {
    var deadlines = CallDeadlines()
    _ = deadlines.began(Self.call("a", limit: 10), at: .seconds(0))
    let quick = deadlines.began(Self.call("b", limit: 5), at: .seconds(1))
    #expect(deadlines.next == .seconds(6))
    deadlines.ended(quick)
    #expect(deadlines.next == .seconds(10))
    #expect(deadlines.overdue(at: .seconds(9)) == [])
    #expect(deadlines.overdue(at: .seconds(10)).map(\.plugin) == ["a"])
    #expect(deadlines.overdue(at: .seconds(99)) == [])
    #expect(deadlines.next == nil)
  }

  @Test("The message names plugin, version, function, limit, check and batch")
  func message() {
    let call = WatchedCall(
      plugin: "reeve.public-image", version: "1.0.0", function: "evaluate",
      detail: "check image.public, 512 resources in 111122223333/eu-west-1", limit: .seconds(30))
    #expect(
      call.overdueMessage.hasPrefix(
        "plugin reeve.public-image 1.0.0 did not return from evaluate within 30.0s "
          + "(check image.public, 512 resources in 111122223333/eu-west-1)"))
  }

  @Test("Every call into a plugin is announced, and its end")
  func announced() async throws {
    let watchdog = RecordingWatchdog()
    let zoo = try await OpenZoo { log in
      try ZooFolder().load(.testing(log: log, watchdog: watchdog, limit: .seconds(30)))
    }
    _ = try await zoo.evaluate(["zoo.public"], [.image("ami-1")])
    await zoo.session.close()
    #expect(watchdog.began.map(\.function) == ["loading", "create", "evaluate", "destroy"])
    #expect(watchdog.began[2].detail == "check zoo.public, 1 resource in 222222222222/eu-west-1")
    #expect(watchdog.began.allSatisfy { $0.limit == .seconds(30) && $0.plugin == "org.example.zoo" })
    #expect(watchdog.ended.sorted() == [1, 2, 3, 4])
  }

  @Test("A plugin that does not return sets off the watchdog's action", .timeLimit(.minutes(1)))
  func hang() async throws {
    // The action is what ends the hang here: it cancels, which this plugin heeds.
    let overdue = AsyncStream.makeStream(of: WatchedCall.self)
    let watchdog = try ThreadWatchdog { overdue.continuation.yield($0) }
    let zoo = try await OpenZoo("until-cancelled") { log in
      try ZooFolder().load(
        .testing(log: log, watchdog: watchdog, limit: .milliseconds(50), makeLane: { try ThreadLane(name: $0) }))
    }
    let calls = await withTaskGroup(of: Void.self, returning: [WatchedCall].self) { group in
      group.addTask {
        await #expect(throws: PluginFailure.self) { try await zoo.evaluate(["zoo.public"], [.image("ami-1")]) }
      }
      var calls: [WatchedCall] = []
      for await call in overdue.stream {
        calls.append(call)
        if call.function == "evaluate" { break }
      }
      group.cancelAll()
      return calls
    }
    #expect(calls.last?.function == "evaluate")
    #expect(calls.last?.detail == "check zoo.public, 1 resource in 222222222222/eu-west-1")
  }

  @Test("A lane of its own runs one piece after the other, on one thread", .timeLimit(.minutes(1)))
  func lane() async throws {
    let lane = try ThreadLane(name: "test")
    let order = Mutex<[Int]>([])
    for number in 0..<50 { try await lane.run { order.withLock { $0.append(number) } } }
    #expect(order.withLock { $0 } == Array(0..<50))
    struct Broken: Error {}
    await #expect(throws: Broken.self) { try await lane.run { throw Broken() } }
  }
}
