import AWSWire
import Determinism
import Governance
import Orchestrator
import Synchronization
import Testing

@testable import AWSAccess

@Suite("Sessions in accounts")
struct AWSCloudTests {
  private static let reading = SessionPermissions.reading(actions: ["ec2:DescribeImages"])
  private static let describe = APICall("ec2", "DescribeImages")
  private static let hub = "arn:aws:iam::333333333333:role/Hub"
  private static func member(_ number: Int) -> String { String(222_222_000_000 + number) }

  private static func happy(lifetime: Duration = .seconds(3_600)) -> ScriptedExchange {
    ScriptedExchange { (attempt) async throws(CallFailure) in
      Fixture.tokens(attempt, lifetime: lifetime) ?? ["Images": []]
    }
  }

  @Test("The caller's own account uses the caller's own credentials; nothing is assumed")
  func ownAccount() throws {
    try Fixture.run { executor in
      let exchange = Self.happy()
      let cloud = Fixture.cloud(exchange, clock: executor)
      let session = try await cloud.session(account: Fixture.callerAccount, permissions: Self.reading)
      _ = try await session.perform(Self.describe, in: "eu-west-1")
      #expect(exchange.attempts(of: "AssumeRole").isEmpty)
      #expect(exchange.attempts(of: "DescribeImages").map(\.keyID) == ["AKIAOWN"])
      #expect(try await cloud.callerIdentity().account == Fixture.callerAccount)
      #expect(exchange.attempts(of: "GetCallerIdentity").count == 1)
    }
  }

  @Test("A chain carries external id, session name, tags, durations, policies, and the regional STS")
  func chain() throws {
    try Fixture.run { executor in
      let exchange = Self.happy()
      let hops = [
        RoleHop(role: Self.hub, externalID: "ext-1", sessionName: "hub", duration: .seconds(14_400), tags: []),
        RoleHop(
          role: "Auditor", externalID: nil, sessionName: "audit", duration: .seconds(7_200),
          tags: [Tag(key: "purpose", value: "sweep")]),
      ]
      let cloud = Fixture.cloud(exchange, clock: executor, settings: Fixture.settings(chain: hops))
      let account = Self.member(1)
      let session = try await cloud.session(account: account, permissions: Self.reading)
      _ = try await session.perform(Self.describe, in: "ap-south-1")
      let assumed = exchange.attempts(of: "AssumeRole")
      #expect(assumed.map(\.region) == ["eu-central-1", "eu-central-1"])
      #expect(assumed.map(\.keyID) == ["AKIAOWN", "ASIA-\(Self.hub)-1"])
      let first = assumed[0].call.parameters
      #expect(first["DurationSeconds"] == 14_400, "long-term keys are no chain")
      #expect(first["ExternalId"] == "ext-1")
      #expect(first["RoleSessionName"] == "hub")
      #expect(first["Policy"]?.string?.contains(#""Resource":"arn:aws:iam::*:role/Auditor""#) == true)
      let second = assumed[1].call.parameters
      #expect(second["DurationSeconds"] == 3_600, "AWS allows a chained session one hour")
      #expect(second["RoleArn"]?.string == "arn:aws:iam::\(account):role/Auditor")
      #expect(second["Tags"] == [["Key": "purpose", "Value": "sweep"]])
      let policy = try SessionPolicy.text(for: Self.reading)
      #expect(second["Policy"]?.string == policy)
      #expect(second["ExternalId"] == nil)
      #expect(exchange.attempts(of: "DescribeImages").map(\.keyID) == ["ASIA-arn:aws:iam::\(account):role/Auditor-2"])
    }
  }

  @Test(
    "A shared earlier hop is assumed once for all accounts, each last hop once, under any schedule", arguments: 0..<10)
  func sharedHop(seed: Int) throws {
    try Fixture.run(seed: UInt64(seed)) { executor in
      let exchange = Self.happy()
      let cloud = Fixture.cloud(
        exchange, clock: executor, settings: Fixture.settings(chain: [.named(Self.hub), .named("Auditor")], cache: 64))
      await withTaskGroup(of: Void.self) { group in
        for number in 0..<40 {
          group.addTask {
            let error = await Fixture.failure { () async throws(FailureReason) in
              let session = try await cloud.session(account: Self.member(number % 20), permissions: Self.reading)
              _ = try await session.perform(Self.describe, in: "eu-west-1")
            }
            #expect(error == nil)
          }
        }
      }
      let roles = exchange.attempts(of: "AssumeRole").compactMap { $0.call.parameters["RoleArn"]?.string }
      #expect(roles.count { $0 == Self.hub } == 1)
      #expect(roles.count == 21)
      #expect(exchange.attempts(of: "GetCallerIdentity").count == 1)
    }
  }

  @Test("Sessions are kept apart by permissions, and no more of them are kept than allowed")
  func cache() throws {
    try Fixture.run { executor in
      let exchange = Self.happy()
      let cloud = Fixture.cloud(exchange, clock: executor, settings: Fixture.settings(cache: 2))
      let other = SessionPermissions.reading(actions: ["ec2:DescribeRegions"])
      func assumed(_ account: Int, _ permissions: SessionPermissions) async throws -> Int {
        _ = try await cloud.session(account: Self.member(account), permissions: permissions)
        return exchange.attempts(of: "AssumeRole").count
      }
      let steps: [(account: Int, permissions: SessionPermissions, assumed: Int, why: String)] = [
        (1, Self.reading, 1, "new"), (1, Self.reading, 1, "kept"), (1, other, 2, "other permissions"),
        (1, Self.reading, 2, "kept beside them"), (2, Self.reading, 3, "other account"),
        (1, Self.reading, 3, "used last, so still there"), (1, other, 4, "the least recently used had to go"),
      ]
      for step in steps {
        let count = try await assumed(step.account, step.permissions)
        #expect(count == step.assumed, "\(step.why)")
      }
    }
  }

  @Test("A hop that is denied is named, with AWS's code and words; the next try is a new one")
  func denied() throws {
    let account = Self.member(7)
    let table: [(role: String, CallFailure, FailureReason.Kind, String)] = [
      (
        "arn:aws:iam::\(account):role/Auditor",
        Fixture.service("AccessDenied", status: 403, "User: X is not authorized to perform: sts:AssumeRole"), .denied,
        "AssumeRole arn:aws:iam::\(account):role/Auditor (hop 2 of 2) denied: User: X is not authorized to perform: sts:AssumeRole"
      ),
      (
        Self.hub, Fixture.service("AccessDenied", status: 403, "no"), .denied,
        "AssumeRole \(Self.hub) (hop 1 of 2) denied: no"
      ),
      (
        Self.hub, Fixture.service("ValidationError", "too long"), .rejected,
        "AssumeRole \(Self.hub) (hop 1 of 2) failed: too long"
      ),
    ]
    for (role, failure, kind, message) in table {
      try Fixture.run { executor in
        let isBroken = Atomic(true)
        let exchange = ScriptedExchange { (attempt) async throws(CallFailure) in
          if attempt.call.parameters["RoleArn"]?.string == role, isBroken.load(ordering: .relaxed) { throw failure }
          return Fixture.tokens(attempt) ?? ["Images": []]
        }
        let cloud = Fixture.cloud(
          exchange, clock: executor, settings: Fixture.settings(chain: [.named(Self.hub), .named("Auditor")]))
        let error = await Fixture.failure { () async throws(FailureReason) in
          try await cloud.session(account: account, permissions: Self.reading)
        }
        #expect(error?.kind == kind)
        #expect(error?.message == message)
        isBroken.store(false, ordering: .relaxed)
        let again = await Fixture.failure { () async throws(FailureReason) in
          try await cloud.session(account: account, permissions: Self.reading)
        }
        #expect(again == nil)
      }
    }
  }

  @Test("Every hop is renewed ahead of its expiry while a session is used for hours")
  func renewal() throws {
    try Fixture.run { executor in
      let exchange = Self.happy()
      let cloud = Fixture.cloud(
        exchange, clock: executor, settings: Fixture.settings(chain: [.named(Self.hub), .named("Auditor")]))
      let session = try await cloud.session(account: Self.member(1), permissions: Self.reading)
      for _ in 0..<36 {
        _ = try await session.perform(Self.describe, in: "eu-west-1")
        try await executor.sleep(for: .seconds(300))
      }
      let roles = exchange.attempts(of: "AssumeRole").compactMap { $0.call.parameters["RoleArn"]?.string }
      #expect(roles.count { $0 == Self.hub } == 4)
      #expect(roles.count == 8)
    }
  }

  @Test("A failed call of a session names the operation")
  func callErrors() throws {
    try Fixture.run { executor in
      let exchange = ScriptedExchange { (attempt) async throws(CallFailure) in
        guard let tokens = Fixture.tokens(attempt) else {
          throw Fixture.service("UnauthorizedOperation", status: 403, "You are not authorized.")
        }
        return tokens
      }
      let cloud = Fixture.cloud(exchange, clock: executor)
      let session = try await cloud.session(account: Self.member(1), permissions: Self.reading)
      let error = await Fixture.failure { () async throws(FailureReason) in
        try await session.perform(Self.describe, in: "eu-west-1")
      }
      #expect(
        error
          == FailureReason(
            kind: .denied, code: "UnauthorizedOperation", message: "ec2:DescribeImages: You are not authorized."))
    }
  }

  @Test("The same seeds give the same attempts at the same times; another schedule another order of the same attempts")
  func deterministic() throws {
    func transcript(seed: UInt64) throws -> [String] {
      try Fixture.run(seed: seed) { executor in
        let exchange = ScriptedExchange { (attempt) async throws(CallFailure) in
          do { try await executor.sleep(for: .milliseconds(50)) } catch { throw .local(.cancelled) }
          if attempt.number.isMultiple(of: 5) { throw Fixture.service("Throttling") }
          return Fixture.tokens(attempt) ?? ["Images": []]
        }
        let cloud = Fixture.cloud(exchange, clock: executor)
        await withTaskGroup(of: Void.self) { group in
          for number in 0..<30 {
            group.addTask {
              let error = await Fixture.failure { () async throws(FailureReason) in
                let session = try await cloud.session(account: Self.member(number % 6), permissions: Self.reading)
                _ = try await session.perform(Self.describe, in: "eu-west-1")
              }
              #expect(error == nil)
            }
          }
        }
        return exchange.attempts.map {
          "\($0.time.nanoseconds) \($0.call.operation) \($0.call.parameters["RoleArn"]?.string ?? "") \($0.keyID ?? "")"
        }
      }
    }
    let first = try transcript(seed: 3)
    #expect(first.count > 30)
    #expect(try transcript(seed: 3) == first)
    #expect(try transcript(seed: 4) != first)
  }
}
