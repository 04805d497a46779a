import AWSWire
import Determinism
import Governance
import Synchronization
import Testing

@testable import AWSAccess

@Suite("Credentials that stay fresh")
struct RefreshingCredentialsTests {
  /// Hands out KEY1, KEY2, … that live an hour; `fails` says which fetches fail.
  private final class Source: Sendable {
    let count = Mutex(0)
    let clock: VirtualTimeExecutor
    let takes: Duration
    let fails: @Sendable (Int) -> FailureReason?

    init(
      _ clock: VirtualTimeExecutor, takes: Duration = .seconds(2), fails: @escaping @Sendable (Int) -> FailureReason?
    ) {
      self.clock = clock
      self.takes = takes
      self.fails = fails
    }

    func fetch() async throws(FailureReason) -> Credentials {
      let number = count.withLock { count in
        count += 1
        return count
      }
      do { try await clock.sleep(for: takes) } catch { throw .cancelled }
      if let failure = fails(number) { throw failure }
      return Credentials(
        accessKeyID: "KEY\(number)", secretAccessKey: "s", sessionToken: "t", expiration: clock.now + .seconds(3_600))
    }

    var credentials: RefreshingCredentials {
      RefreshingCredentials(clock: clock) { () async throws(FailureReason) in try await self.fetch() }
    }
    var fetches: Int { count.withLock { $0 } }
  }

  private static let denied = FailureReason(kind: .denied, code: "AccessDenied", message: "no")

  private static func ask(_ credentials: RefreshingCredentials) async -> String {
    do throws(FailureReason) {
      return try await credentials.current().accessKeyID
    } catch {
      return error.code
    }
  }

  @Test("A hundred callers at once cause one fetch, under any schedule", arguments: 0..<20)
  func singleFlight(seed: Int) throws {
    try Fixture.run(seed: UInt64(seed)) { executor in
      let source = Source(executor) { _ in nil }
      let credentials = source.credentials
      let keys = await withTaskGroup(of: String.self) { group in
        for _ in 0..<100 { group.addTask { await Self.ask(credentials) } }
        return await group.reduce(into: Set<String>()) { $0.insert($1) }
      }
      #expect(keys == ["KEY1"])
      #expect(source.fetches == 1)
    }
  }

  @Test("Renewed ahead of expiry by one caller, while the others go on with what still lives")
  func ahead() throws {
    try Fixture.run { executor in
      let source = Source(executor) { _ in nil }
      let credentials = source.credentials
      _ = await Self.ask(credentials)
      try await executor.sleep(for: .seconds(3_600 - 301))
      #expect(await Self.ask(credentials) == "KEY1")
      try await executor.sleep(for: .seconds(2))
      let keys = await withTaskGroup(of: String.self) { group in
        for _ in 0..<10 { group.addTask { await Self.ask(credentials) } }
        return await group.reduce(into: [String]()) { $0.append($1) }
      }
      #expect(keys.sorted() == Array(repeating: "KEY1", count: 9) + ["KEY2"])
      #expect(source.fetches == 2)
      #expect(await Self.ask(credentials) == "KEY2")
    }
  }

  @Test("A renewal that fails does not matter while the old ones live, and is not final afterwards")
  func failure() throws {
    try Fixture.run { executor in
      let source = Source(executor) { (2...4).contains($0) ? Self.denied : nil }
      let credentials = source.credentials
      _ = await Self.ask(credentials)
      try await executor.sleep(for: .seconds(3_400))
      #expect(await Self.ask(credentials) == "KEY1")
      #expect(await Self.ask(credentials) == "KEY1")
      #expect(source.fetches == 2, "after a failed renewal there is a pause")
      try await executor.sleep(for: .seconds(31))
      #expect(await Self.ask(credentials) == "KEY1")
      #expect(source.fetches == 3)
      try await executor.sleep(for: .seconds(300))
      #expect(await Self.ask(credentials) == "AccessDenied")
      #expect(await Self.ask(credentials) == "KEY5")
    }
  }

  @Test("A leader that is cancelled takes nobody down: a waiter leads", arguments: 0..<20)
  func cancelledLeader(seed: Int) throws {
    try Fixture.run(seed: UInt64(seed)) { executor in
      let source = Source(executor, takes: .seconds(10)) { _ in nil }
      let credentials = source.credentials
      let keys = await withTaskGroup(of: String.self) { group in
        group.addTask {
          // Cancelled from inside after a second, whether it leads or waits.
          await withTaskGroup(of: String.self) { inner in
            inner.addTask { await Self.ask(credentials) }
            inner.addTask {
              do { try await executor.sleep(for: .seconds(1)) } catch { return "cancelled early" }
              return "timer"
            }
            var answers: [String] = []
            while let answer = await inner.next() {
              answers.append(answer)
              inner.cancelAll()
            }
            return answers.sorted().joined(separator: "+")
          }
        }
        for _ in 0..<5 { group.addTask { await Self.ask(credentials) } }
        return await group.reduce(into: [String]()) { $0.append($1) }
      }
      let served = keys.filter { $0.hasPrefix("KEY") }
      #expect(served.count == 5 && Set(served).count == 1)
      #expect(keys.contains("Cancelled+timer"))
      #expect(source.fetches <= 2)
    }
  }

  @Test("What AWS refused is dropped once, and not what replaced it")
  func discard() throws {
    try Fixture.run { executor in
      let source = Source(executor) { _ in nil }
      let credentials = source.credentials
      let first = try await credentials.current()
      credentials.discard(first)
      let second = try await credentials.current()
      credentials.discard(first)
      #expect(try await credentials.current() == second)
      #expect(source.fetches == 2)
    }
  }

  @Test("Credentials that are expired when they arrive are an error with the time")
  func expiredOnArrival() async {
    let credentials = RefreshingCredentials(clock: FixedClock(Fixture.start)) { () async throws(FailureReason) in
      Credentials(accessKeyID: "K", secretAccessKey: "hunter2", expiration: Fixture.start - .seconds(1))
    }
    let error = await Fixture.failure { () async throws(FailureReason) in try await credentials.current() }
    #expect(error?.code == "ExpiredCredentials")
    #expect(error?.message.contains((Fixture.start - .seconds(1)).iso8601) == true)
    #expect(error?.message.contains("hunter2") == false)
  }
}
