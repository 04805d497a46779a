import AWSWire
import Governance
import Testing

@testable import AWSAccess

@Suite("Retries")
struct RetryPolicyTests {
  private enum Expected { case giveUp, retry, refresh }

  private func decide(
    _ failure: CallFailure, mutating: Bool, attempts: Int = 1, canRefresh: Bool = true
  ) -> RetryPolicy.Decision {
    RetryPolicy(maximumAttempts: 4, seed: 1).decide(
      failure, .init(mutating: mutating, attempts: attempts, canRefresh: canRefresh))
  }

  @Test("Only what can go better is repeated, and what changes something only when it surely did not happen")
  func decisions() {
    let table: [(CallFailure, read: Expected, change: Expected)] = [
      (Fixture.service("RequestLimitExceeded", status: 503), .retry, .retry),
      (Fixture.service("Throttling"), .retry, .retry),
      (Fixture.service("TooManyRequestsException"), .retry, .retry),
      (Fixture.service("SlowDown", status: 503), .retry, .retry),
      (Fixture.service("EC2ThrottledException", status: 503), .retry, .retry),
      (Fixture.service("Anything", status: 429), .retry, .retry),
      (Fixture.service("InternalError", status: 500), .retry, .giveUp),
      (Fixture.service("Unavailable", status: 503), .retry, .giveUp),
      (Fixture.service("HTTP502", status: 502), .retry, .giveUp),
      (Fixture.service("NotImplemented", status: 501), .giveUp, .giveUp),
      (Fixture.service("UnauthorizedOperation", status: 403), .giveUp, .giveUp),
      (Fixture.service("InvalidAMIID.NotFound"), .giveUp, .giveUp),
      (Fixture.service("RequestExpired"), .refresh, .refresh),
      (Fixture.service("ExpiredToken", status: 403), .refresh, .refresh),
      (Fixture.service("InvalidClientTokenId", status: 403), .refresh, .refresh),
      (Fixture.service("AuthFailure", status: 401), .refresh, .refresh),
      (Fixture.service("AuthFailure", "Unauthorized attempt to access restricted resource"), .giveUp, .giveUp),
      (Fixture.transport(.unresolved), .retry, .retry), (Fixture.transport(.connectFailed), .retry, .retry),
      (Fixture.transport(.connectTimedOut), .retry, .retry), (Fixture.transport(.tls), .giveUp, .giveUp),
      (Fixture.transport(.timedOut), .retry, .giveUp), (Fixture.transport(.reset), .retry, .giveUp),
      (Fixture.transport(.tooLarge), .giveUp, .giveUp), (Fixture.transport(.cancelled), .giveUp, .giveUp),
      (.malformed(status: 200, reason: "x"), .giveUp, .giveUp), (.local(.cancelled), .giveUp, .giveUp),
    ]
    for (failure, read, change) in table {
      for (mutating, expected) in [(false, read), (true, change)] {
        let decision = decide(failure, mutating: mutating)
        switch (decision, expected) {
        case (.giveUp, .giveUp), (.retry, .retry), (.refresh, .refresh): break
        default: Issue.record("\(failure), mutating \(mutating): \(decision), expected \(expected)")
        }
      }
    }
  }

  @Test("The last attempt is the last, and credentials are renewed once")
  func bounds() {
    #expect(decide(Fixture.service("Throttling"), mutating: false, attempts: 4) == .giveUp)
    #expect(decide(Fixture.service("ExpiredToken"), mutating: false, canRefresh: false) == .giveUp)
  }

  @Test("The same seed gives the same delays, full jitter stays within its bound, Retry-After is the least")
  func delays() {
    func delays(seed: UInt64) -> [Duration] {
      let policy = RetryPolicy(maximumAttempts: 100, seed: seed)
      return (1..<50).compactMap { attempts in
        let progress = RetryPolicy.Progress(mutating: false, attempts: attempts, canRefresh: false)
        guard case .retry(let delay) = policy.decide(Fixture.service("Throttling"), progress) else { return nil }
        return delay
      }
    }
    #expect(delays(seed: 5) == delays(seed: 5))
    #expect(delays(seed: 5) != delays(seed: 6))
    #expect(delays(seed: 5).count == 49)
    #expect(delays(seed: 5).allSatisfy { $0 >= .zero && $0 <= RetryPolicy.longestDelay })
    #expect(Set(delays(seed: 5)).count > 40, "full jitter draws each delay anew")
    let patient = decide(Fixture.service("Throttling", retryAfter: .seconds(45)), mutating: false)
    #expect(patient == .retry(after: .seconds(45)))
    let greedy = decide(Fixture.service("Throttling", retryAfter: .seconds(86_400)), mutating: false)
    #expect(greedy == .retry(after: RetryPolicy.longestRetryAfter))
  }

  @Test("Failures come in the words of the ports")
  func words() {
    let denied =
      "You are not authorized to perform this operation. User: arn:aws:sts::1:assumed-role/R/S is not "
      + "authorized to perform: ec2:DescribeImages with an explicit deny in a service control policy."
    let table: [(CallFailure, Bool, FailureReason.Kind, String, String)] = [
      (
        Fixture.service(
          "UnauthorizedOperation", status: 403, denied + " Encoded authorization failure message: 4GIOHlTkIaWHQD0Q"),
        false, .denied, "UnauthorizedOperation", denied
      ),
      (Fixture.service("OptInRequired", status: 401, "subscribe"), false, .denied, "OptInRequired", "subscribe"),
      (
        Fixture.service("RequestLimitExceeded", status: 503, "Request limit exceeded."), false, .throttled,
        "RequestLimitExceeded", "Request limit exceeded. (after 3 attempts)"
      ),
      (Fixture.service("InvalidAMIID.NotFound", "gone"), false, .rejected, "InvalidAMIID.NotFound", "gone"),
      (
        .malformed(status: 200, reason: "empty"), false, .badData, "MalformedResponse",
        "the answer (status 200) is not usable: empty"
      ),
      (Fixture.transport(.tooLarge), false, .badData, "ResponseTooLarge", "ec2.example: tooLarge"),
    ]
    for (failure, mutating, kind, code, message) in table {
      let attempts = message.hasSuffix("attempts)") ? 3 : 1
      #expect(
        failure.reason(attempts: attempts, mutating: mutating)
          == FailureReason(kind: kind, code: code, message: message))
    }
    #expect(Fixture.transport(.timedOut).reason(attempts: 1, mutating: false).kind == .timedOut)
    #expect(Fixture.transport(.connectTimedOut).reason(attempts: 1, mutating: false).kind == .timedOut)
    #expect(Fixture.transport(.cancelled).reason(attempts: 1, mutating: false).kind == .cancelled)
  }

  @Test("A change whose answer was lost has an unknown outcome; one that never left has not")
  func unknownOutcome() {
    let table: [(CallFailure, FailureReason.Kind, String)] = [
      (Fixture.transport(.timedOut), .timedOut, "OutcomeUnknown"),
      (Fixture.transport(.reset), .unreachable, "OutcomeUnknown"),
      (Fixture.transport(.cancelled), .cancelled, "OutcomeUnknown"),
      (Fixture.service("InternalError", status: 500), .unreachable, "OutcomeUnknown"),
      (.malformed(status: 200, reason: "x"), .unreachable, "OutcomeUnknown"),
      (Fixture.transport(.connectFailed), .unreachable, "ConnectFailed"),
      (Fixture.transport(.connectTimedOut), .timedOut, "ConnectTimedOut"),
      (Fixture.service("RequestLimitExceeded", status: 503), .throttled, "RequestLimitExceeded"),
      (Fixture.service("UnauthorizedOperation", status: 403), .denied, "UnauthorizedOperation"),
      (.local(.cancelled), .cancelled, "Cancelled"),
    ]
    for (failure, kind, code) in table {
      let reason = failure.reason(attempts: 1, mutating: true)
      #expect(reason.kind == kind && reason.code == code, "\(failure): \(reason)")
    }
  }
}
