import AWSAccess
import AWSWire
import Determinism
import EC2Simulator
import Governance
import Ledger
import Orchestrator
import Synchronization
import Testing

@testable import ScenarioReplay

struct CoverageTests {
  /// Forty images in one scope, one of them public.
  private func forty(policies: String = "") throws -> World {
    try TestWorld.yaml(
      """
      version: 1
      seed: 7
      regions: [us-east-1]
      organization: { management: "100000000001" }
      accounts:
        - { id: "100000000001", name: root }
        - id: "100000000002"
          name: team
          roles:
            - name: OrganizationAccountAccessRole
              trust: "100000000001"
              policies:
                - Version: "2012-10-17"
                  Statement:
                    - { Effect: Allow, Action: "*", Resource: "*" }
      \(policies)
          generate: { images: 39, regions: [us-east-1], tags: { Owner: team } }
          images:
            - id: ami-0123456789abcdef0
              region: us-east-1
              name: published
              tags: { Owner: team }
              sharedWith: [all]
      """)
  }

  @Test("an AssumeRole that is denied in one account is a gap of exactly that account")
  func assumeRoleDenied() throws {
    var world = try TestWorld.demo()
    let account = try #require(world.accountIDs.first { world.account($0)?.name == "web-prod" })
    var changed = try #require(world.account(account))
    changed.roles = []
    world.put(changed)
    let replay = try Replay.of(world)
    try replay.sweep()
    let gaps = try replay.gaps()
    #expect(gaps.map(\.scope) == [Scope(account: account, region: "*")])
    #expect(gaps.first?.verdict == .assumeRoleFailed)
    #expect(gaps.first?.reason.contains("OrganizationAccountAccessRole") == true)
    let expected = try TextFile.lines("Scenarios/demo.expected").filter { !$0.contains(account) }
    #expect(try replay.findings() == expected)
  }

  @Test("DescribeImageAttribute denied on one of forty images: it stays a public finding, and one verdict is missing")
  func attributeDenied() throws {
    let denial = """
                    - Effect: Deny
                      Action: ec2:DescribeImageAttribute
                      Resource: arn:aws:ec2:*::image/ami-0123456789abcdef0
      """
    let replay = try Replay.of(try forty(policies: denial))
    try replay.sweep(Replay.options(checks: ["image.public", "image.shared-with-stranger"]))
    #expect(try replay.findings() == ["image.public ami-0123456789abcdef0 100000000002 us-east-1"])
    let missing = try replay.notEvaluated()
    #expect(missing.map(\.check) == ["image.shared-with-stranger"])
    #expect(missing.map(\.resource.id) == ["ami-0123456789abcdef0"])
    #expect(missing.first?.reason.code == "UnauthorizedOperation")
    let gaps = try replay.gaps()
    #expect(gaps.map(\.scope) == [Scope(account: "100000000002", region: "us-east-1")])
    #expect(gaps.first?.verdict == .partial)
    #expect(gaps.first?.resources == 40)
  }

  /// What each trouble on the way means for coverage, at the one scope that it hits.
  @Test("each way of not getting an answer is its own gap, and the neighbours are untouched")
  func troubles() throws {
    let cases: [(fault: Fault, verdict: Coverage.Verdict)] = [
      (.denied("no identity-based policy allows it"), .denied), (.throttled, .throttledOut),
      (.timedOut(handled: true), .timedOut), (.serverError, .failed), (.reset(handled: false), .failed),
      (.truncated(to: 200), .failed), (.garbled, .failed),
    ]
    for (fault, verdict) in cases {
      let replay = try Replay.of(try TestWorld.demo()) { request, _ in
        request.authority.hasPrefix("ec2.eu-central-1.")
          && String(decoding: request.body, as: UTF8.self).contains("Action=DescribeImages&") ? fault : nil
      }
      try replay.sweep(Replay.options(checks: ["image.public"]))
      let gaps = try replay.gaps()
      #expect(!gaps.isEmpty)
      #expect(
        gaps.allSatisfy { $0.scope.region == "eu-central-1" && $0.verdict == verdict },
        "\(fault): \(gaps.map { "\($0.scope) \($0.verdict) \($0.reason)" })")
      let expected = try TextFile.lines("Scenarios/demo.expected").filter { $0.hasPrefix("image.public ") }
      #expect(try replay.findings() == expected)
    }
  }

  @Test("an organization that cannot be listed is a gap over everything, and the caller's account is swept")
  func organizationDenied() throws {
    let replay = try Replay.of(try TestWorld.demo()) { request, _ in
      request.headers["X-Amz-Target"]?.hasSuffix(".ListAccounts") == true ? .denied("no policy allows it") : nil
    }
    try replay.sweep(Replay.options(checks: ["image.public"]))
    let gaps = try replay.gaps()
    #expect(gaps.map(\.scope) == [Scope(account: "*", region: "*")])
    #expect(gaps.first?.verdict == .denied)
  }

  @Test("a sweep that runs into its maximum duration ends cleanly, and resuming it covers the rest")
  func maximumDuration() throws {
    let replay = try Replay.of(try TestWorld.demo())
    let first = try replay.sweep(Replay.options(maximumDuration: .milliseconds(300)))
    #expect(first.record.status == .interrupted)
    #expect(first.stopped?.contains("maximum duration") == true)
    let gaps = try replay.gaps()
    #expect(!gaps.isEmpty)
    #expect(gaps.allSatisfy { $0.verdict == .interrupted }, "\(gaps)")
    let second = try replay.sweep(Replay.options(id: "unused", resumes: true))
    #expect(second.record.id == "sweep-1")
    #expect(second.record.status == .complete)
    #expect(try replay.gaps() == [])
    #expect(try replay.findings() == TextFile.lines("Scenarios/demo.expected"))
  }

  @Test("with the public check alone, a scope costs one page of DescribeImages and an account one DescribeRegions")
  func calls() throws {
    let replay = try Replay.of(try TestWorld.demo())
    let outcome = try replay.sweep(Replay.options(checks: ["image.public"]))
    let scopes = try replay.run { [ledger = replay.ledger] in
      try await ledger.coverage(ofSweep: "sweep-1").count { $0.verdict == .scanned }
    }
    let ec2 = outcome.record.calls.filter { $0.key.hasPrefix("ec2:") }
    #expect(ec2 == ["ec2:DescribeImages": scopes, "ec2:DescribeRegions": 11])
  }

  @Test("a second sweep reads launch permissions again only when they are older than the stated age")
  func incremental() throws {
    let replay = try Replay.of(try TestWorld.demo())
    func attributeCalls() -> Int {
      replay.cloud.meter.reading.calls["ec2:DescribeImageAttribute"] ?? 0
    }
    try replay.sweep()
    let first = attributeCalls()
    #expect(first > 0)
    let again = try replay.sweep(Replay.options(id: "sweep-2"))
    #expect(attributeCalls() == first)
    #expect(again.oldestFacts["ec2:image LaunchPermissions"] != nil)
    #expect(try replay.findings() == TextFile.lines("Scenarios/demo.expected"))
    replay.executor.advance(to: replay.executor.now + .seconds(25 * 3_600))
    try replay.sweep(Replay.options(id: "sweep-3"))
    #expect(attributeCalls() == 2 * first)
  }

  @Test("a second sweep at the same time is refused, and the first one is named")
  func lease() throws {
    let replay = try Replay.of(try TestWorld.demo())
    let lease = Lease(
      holder: "other pid 2", purpose: "sweep", since: Replay.start, expiry: Replay.start + .seconds(100))
    try replay.run { [ledger = replay.ledger] in try await ledger.acquireLease(lease, now: Replay.start) }
    #expect(throws: LedgerError.held(by: lease)) { try replay.sweep() }
    replay.executor.advance(to: Replay.start + .seconds(101))
    #expect(try replay.sweep().record.status == .complete)
  }
}
