import AWSWire
import Determinism
import Governance
import Orchestrator
import Synchronization
import Testing

@testable import AWSAccess

@Suite("One call with everything around it")
struct ServiceCallerTests {
  private static let describe = APICall("ec2", "DescribeImages", ["Owners": ["self"]])
  private static let modify = APICall("ec2", "ModifyImageAttribute", ["ImageId": "ami-1"])

  private static func identity(_ clock: any WorldClock) -> ServiceCaller.Identity {
    ServiceCaller.Identity(
      account: "222222222222",
      credentials: RefreshingCredentials(clock: clock) { () async throws(FailureReason) in Fixture.ownKeys })
  }

  @Test("Throttled calls wait and are counted, and the waiting is metered")
  func throttled() throws {
    try Fixture.run { executor in
      let exchange = ScriptedExchange { (attempt) async throws(CallFailure) in
        guard attempt.number > 2 else {
          throw Fixture.service("RequestLimitExceeded", status: 503, retryAfter: .seconds(9))
        }
        return ["Images": []]
      }
      let caller = Fixture.caller(exchange, clock: executor)
      _ = try await caller.perform(Self.describe, in: "eu-west-1", as: Self.identity(executor))
      let reading = caller.meter.reading
      #expect(reading.calls == ["ec2:DescribeImages": 3])
      #expect(reading.throttledResponses == 2)
      #expect(reading.throttledTime >= .seconds(18))
      #expect(executor.now - Fixture.start >= .seconds(18))
    }
  }

  @Test("A change is sent once when its answer is lost, and again when it never left")
  func changes() throws {
    let table: [(CallFailure, Int, String?)] = [
      (Fixture.transport(.reset), 1, "OutcomeUnknown"), (Fixture.transport(.connectFailed), 2, nil),
      (Fixture.service("RequestLimitExceeded", status: 503), 2, nil),
    ]
    for (failure, sent, code) in table {
      try Fixture.run { executor in
        let exchange = ScriptedExchange { (attempt) async throws(CallFailure) in
          if attempt.number == 1 { throw failure }
          return ["Return": true]
        }
        let caller = Fixture.caller(exchange, clock: executor)
        let error = await Fixture.failure { () async throws(FailureReason) in
          try await caller.perform(Self.modify, in: "eu-west-1", as: Self.identity(executor))
        }
        #expect(error?.code == code)
        #expect(exchange.attempts.count == sent)
      }
    }
  }

  @Test("Expired credentials are got anew once, and the call repeated with the new ones")
  func refresh() throws {
    try Fixture.run { executor in
      let exchange = ScriptedExchange { (attempt) async throws(CallFailure) in
        if attempt.keyID == "KEY1" { throw Fixture.service("RequestExpired", "Request has expired.") }
        return ["Images": []]
      }
      let fetched = Mutex(0)
      let credentials = RefreshingCredentials(clock: executor) { () async throws(FailureReason) in
        let number = fetched.withLock { count in
          count += 1
          return count
        }
        return Credentials(accessKeyID: "KEY\(number)", secretAccessKey: "s")
      }
      let caller = Fixture.caller(exchange, clock: executor)
      _ = try await caller.perform(
        Self.describe, in: "eu-west-1", as: .init(account: "2", credentials: credentials))
      #expect(exchange.attempts.map(\.keyID) == ["KEY1", "KEY2"])

      let stubborn = ScriptedExchange { (_) async throws(CallFailure) in
        throw Fixture.service("ExpiredToken", status: 403)
      }
      let error = await Fixture.failure { () async throws(FailureReason) in
        try await Fixture.caller(stubborn, clock: executor).perform(
          Self.describe, in: "eu-west-1", as: .init(account: "2", credentials: credentials))
      }
      #expect(error?.kind == .denied)
      #expect(stubborn.attempts.count == 2)
    }
  }

  @Test("A region that does not answer is left alone for a while, others go on, and it is tried again")
  func breaker() throws {
    try Fixture.run { executor in
      let isUp = Atomic(false)
      let exchange = ScriptedExchange { (attempt) async throws(CallFailure) in
        if attempt.region == "me-south-1", !isUp.load(ordering: .relaxed) { throw Fixture.transport(.connectTimedOut) }
        return ["Images": []]
      }
      let caller = Fixture.caller(exchange, clock: executor)
      let identity = Self.identity(executor)
      func code(_ region: String) async -> String? {
        await Fixture.failure { () async throws(FailureReason) in
          try await caller.perform(Self.describe, in: region, as: identity)
        }?.code
      }
      #expect(await code("me-south-1") == "RegionUnreachable", "the threshold is below the attempts")
      #expect(exchange.attempts.count == 3)
      #expect(await code("me-south-1") == "RegionUnreachable")
      #expect(exchange.attempts.count == 3, "nothing was sent")
      #expect(await code("eu-west-1") == nil)
      try await executor.sleep(for: .seconds(61))
      isUp.store(true, ordering: .relaxed)
      #expect(await code("me-south-1") == nil)
    }
  }

  @Test("A burst beyond the bucket is spread over time by the published rate and the share")
  func budget() throws {
    try Fixture.run { executor in
      let exchange = ScriptedExchange { (_) async throws(CallFailure) in ["Return": true] }
      let caller = Fixture.caller(exchange, clock: executor, limits: Fixture.limits(share: 0.5))
      let identity = Self.identity(executor)
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<100 {
          group.addTask {
            let error = await Fixture.failure { () async throws(FailureReason) in
              try await caller.perform(Self.modify, in: "eu-west-1", as: identity)
            }
            #expect(error == nil)
          }
        }
      }
      // ModifyImageAttribute 100/5, half of it: 50 at once, the other 50 at 2.5 a second.
      let elapsed = (executor.now - Fixture.start).inSeconds
      #expect(elapsed > 19.9 && elapsed < 20.1)
      #expect(exchange.attempts.filter { $0.time == Fixture.start }.count == 50)
      #expect(caller.meter.reading.throttledTime > .seconds(400))
    }
  }

  @Test("The next page's call carries the token; a token that comes twice is an error")
  func pages() throws {
    try Fixture.run { executor in
      let exchange = ScriptedExchange { (attempt) async throws(CallFailure) in
        switch attempt.call.parameters["NextToken"]?.string {
        case nil: return ["Images": [], "NextToken": "a"]
        case "a": return ["Images": [], "NextToken": "b"]
        case "b": return ["Images": [], "NextToken": ""]
        default: return ["Images": [], "NextToken": "stuck"]
        }
      }
      let caller = Fixture.caller(exchange, clock: executor)
      let identity = Self.identity(executor)
      var tokens: [String?] = []
      var next: APICall? = Self.describe
      while let call = next {
        let page = try await caller.perform(call, in: "eu-west-1", as: identity)
        next = page.next
        tokens.append(next?.parameters["NextToken"]?.string)
        #expect(next == nil || next?.parameters["Owners"] == ["self"])
      }
      #expect(tokens == ["a", "b", nil])
      let error = await Fixture.failure { () async throws(FailureReason) in
        try await caller.perform(
          APICall("ec2", "DescribeImages", ["NextToken": "stuck"]), in: "eu-west-1", as: identity)
      }
      #expect(error?.code == "RepeatedPageToken")
    }
  }

  @Test("Cancelling a call that waits for a token ends it and gives the token back")
  func cancellation() throws {
    try Fixture.run { executor in
      let exchange = ScriptedExchange { (_) async throws(CallFailure) in ["Return": true] }
      let caller = Fixture.caller(exchange, clock: executor)
      let call = APICall("ec2", "EnableImageBlockPublicAccess")
      let identity = Self.identity(executor)
      _ = try await caller.perform(call, in: "eu-west-1", as: identity)
      let error = await withTaskGroup(of: FailureReason?.self) { group in
        group.addTask {
          await Fixture.failure { () async throws(FailureReason) in
            try await caller.perform(call, in: "eu-west-1", as: identity)
          }
        }
        group.cancelAll()
        return await group.next() ?? nil
      }
      #expect(error?.kind == .cancelled)
      #expect(exchange.attempts.count == 1)
      _ = try await caller.perform(call, in: "eu-west-1", as: identity)
      let elapsed = (executor.now - Fixture.start).inSeconds
      #expect(elapsed > 9.9 && elapsed < 10.1, "one token's wait, not two")
    }
  }
}
