import AWSWire
import Governance
import Testing

@testable import AWSAccess

@Suite("Rate budgets")
struct RateBudgetsTests {
  private let key = RateBudgets.Key(api: "ec2:DescribeImages", account: "1", region: "r")
  private let start = Timestamp(seconds: 1_000)

  @Test("A bucket gives its capacity at once and then one token each refill time, in order")
  func order() {
    let budgets = RateBudgets(share: 1)
    let size = BucketSize(capacity: 3, refill: 0.1)
    let waits = (0..<6).map { _ in budgets.reserve(key, size: size, now: start).inSeconds.rounded() }
    #expect(waits == [0, 0, 0, 10, 20, 30])
  }

  @Test("Tokens come back by fractions and never beyond the capacity")
  func refill() {
    let budgets = RateBudgets(share: 1)
    let size = BucketSize(capacity: 1, refill: 0.1)
    #expect(budgets.reserve(key, size: size, now: start) == .zero)
    let halfway = budgets.reserve(key, size: size, now: start + .seconds(5)).inSeconds
    #expect(halfway > 4.99 && halfway < 5.01)
    let later = start + .seconds(100_000)
    #expect(budgets.reserve(key, size: size, now: later) == .zero)
    #expect(budgets.reserve(key, size: size, now: later) > .seconds(9))
  }

  @Test("The share scales capacity and rate, and leaves at least one token")
  func share() {
    #expect(BucketSize(capacity: 100, refill: 20).scaled(by: 0.5) == BucketSize(capacity: 50, refill: 10))
    #expect(BucketSize(capacity: 1, refill: 0.1).scaled(by: 0.5) == BucketSize(capacity: 1, refill: 0.05))
  }

  @Test("Accounts, regions and APIs do not share a bucket")
  func separate() {
    let budgets = RateBudgets(share: 1)
    let size = BucketSize(capacity: 1, refill: 0.1)
    let keys = [
      key, .init(api: "ec2:GetX", account: "1", region: "r"), .init(api: key.api, account: "2", region: "r"),
      .init(api: key.api, account: "1", region: "q"),
    ]
    for key in keys { #expect(budgets.reserve(key, size: size, now: start) == .zero) }
    for key in keys { #expect(budgets.reserve(key, size: size, now: start) > .zero) }
  }

  @Test("Throttling halves the rate once a second, down to a twentieth; success brings it back slowly")
  func adaptive() {
    let budgets = RateBudgets(share: 1)
    let size = BucketSize(capacity: 10, refill: 10)
    func waitForOne(at time: Timestamp) -> Double {
      let wait = budgets.reserve(key, size: size, now: time)
      budgets.giveBack(key)
      return wait.inSeconds
    }
    _ = budgets.reserve(key, size: size, now: start)
    for _ in 0..<5 { budgets.throttled(key, now: start) }
    #expect(abs(waitForOne(at: start) - 0.2) < 0.001, "five throttled answers of one burst halve the rate once")
    var time = start
    for _ in 0..<20 {
      time = time + .seconds(1)
      budgets.throttled(key, now: time)
    }
    #expect(abs(waitForOne(at: time) - 2) < 0.001, "not below a twentieth")
    budgets.succeeded(key, now: time + .seconds(1))
    #expect(abs(waitForOne(at: time) - 2) < 0.001, "too early to recover")
    for _ in 0..<30 { budgets.succeeded(key, now: time + .seconds(3)) }
    budgets.throttled(key, now: time + .seconds(3))
    #expect(abs(waitForOne(at: time + .seconds(3)) - 0.2) < 0.001, "back at the full rate, then halved")
  }

  @Test("A token that was not used goes back")
  func giveBack() {
    let budgets = RateBudgets(share: 1)
    let size = BucketSize(capacity: 1, refill: 0.1)
    #expect(budgets.reserve(key, size: size, now: start) == .zero)
    budgets.giveBack(key)
    #expect(budgets.reserve(key, size: size, now: start) == .zero)
  }

  @Test("Ten thousand accounts leave no more buckets than are in use")
  func bounded() {
    let budgets = RateBudgets(share: 1)
    let size = BucketSize(capacity: 100, refill: 20)
    for number in 0..<40_000 {
      let key = RateBudgets.Key(api: "ec2:DescribeImages", account: "\(number)", region: "r")
      let now = start + .milliseconds(number * 100)
      _ = budgets.reserve(key, size: size, now: now)
      if number.isMultiple(of: 3) { budgets.throttled(key, now: now) }
    }
    #expect(budgets.count <= 3 * 4_096, "two thousand throttled ones of ten minutes among them")
  }

  @Test("Each call has the bucket that AWS publishes for it")
  func sizes() {
    let table: [(APICall, Double, Double)] = [
      (APICall("ec2", "DescribeImages"), 100, 20), (APICall("ec2", "DescribeImageAttribute"), 100, 20),
      (APICall("ec2", "GetImageBlockPublicAccessState"), 100, 20),
      (APICall("ec2", "DescribeSnapshots"), 50, 10),
      (APICall("ec2", "DescribeSnapshots", ["MaxResults": 100]), 100, 20),
      (APICall("ec2", "DescribeInstances", ["Filters": [["Name": "x"]]]), 100, 20),
      (APICall("ec2", "ModifyImageAttribute"), 100, 5), (APICall("ec2", "CopyImage"), 100, 1),
      (APICall("ec2", "RegisterImage"), 50, 5), (APICall("ec2", "CreateTags"), 100, 10),
      (APICall("ec2", "EnableImageBlockPublicAccess"), 1, 0.1), (APICall("ec2", "CreateStoreImageTask"), 50, 0.1),
      (APICall("ec2", "RunInstances"), 5, 2),
    ]
    for (call, capacity, refill) in table {
      #expect(call.bucket == BucketSize(capacity: capacity, refill: refill), "\(call.operation)")
    }
  }
}
