import Governance
import Testing

@testable import AWSAccess

@Suite("The breaker of a region")
struct RegionBreakerTests {
  private let place = RegionBreaker.Place(service: "ec2", region: "me-south-1")
  private let start = Timestamp(seconds: 1_000)

  private func admits(_ breaker: RegionBreaker, _ place: RegionBreaker.Place, at time: Timestamp) -> Bool {
    do {
      try breaker.admit(place, now: time)
      return true
    } catch {
      #expect(error.code == "RegionUnreachable")
      #expect(error.kind == .unreachable)
      return false
    }
  }

  @Test("Opens after the threshold, only for its own region, and any answer before that resets the count")
  func opens() {
    let breaker = RegionBreaker(threshold: 3, coolDown: .seconds(60))
    for _ in 0..<2 { breaker.failed(place, because: "timed out", now: start) }
    breaker.answered(place)
    for _ in 0..<2 { breaker.failed(place, because: "timed out", now: start) }
    #expect(admits(breaker, place, at: start))
    breaker.failed(place, because: "timed out", now: start)
    #expect(!admits(breaker, place, at: start + .seconds(59)))
    #expect(admits(breaker, .init(service: "ec2", region: "eu-west-1"), at: start))
  }

  @Test("After the cool-down one probe goes; its failure opens again, its answer closes")
  func probes() {
    let breaker = RegionBreaker(threshold: 1, coolDown: .seconds(60))
    breaker.failed(place, because: "refused", now: start)
    let later = start + .seconds(60)
    #expect(admits(breaker, place, at: later))
    #expect(!admits(breaker, place, at: later), "one probe at a time")
    breaker.failed(place, because: "refused", now: later)
    #expect(!admits(breaker, place, at: later + .seconds(59)))
    #expect(admits(breaker, place, at: later + .seconds(60)))
    breaker.answered(place)
    #expect(admits(breaker, place, at: later + .seconds(60)))
    #expect(admits(breaker, place, at: later + .seconds(60)))
  }

  @Test("A probe that was cancelled makes room for the next one")
  func withdraws() {
    let breaker = RegionBreaker(threshold: 1, coolDown: .seconds(60))
    breaker.failed(place, because: "refused", now: start)
    let later = start + .seconds(61)
    #expect(admits(breaker, place, at: later))
    breaker.withdrew(place)
    #expect(admits(breaker, place, at: later))
  }
}
