import AWSWire
import Determinism
import Governance
import Orchestrator

/// One call with everything around it: rate budget, breaker, retries, refreshed credentials, and the call that gets the
/// next page. Everything that talks to AWS goes through one of these.
final class ServiceCaller: Sendable {
  let settings: CloudSettings
  let transport: any HTTPTransport
  let clock: any WorldClock
  let meter: CallMeter
  private let exchange: any Exchange
  private let budgets: RateBudgets
  private let breaker: RegionBreaker
  private let retries: RetryPolicy

  convenience init(settings: CloudSettings, transport: any HTTPTransport, clock: any WorldClock, seed: UInt64) {
    self.init(
      settings: settings, transport: transport, exchange: WireExchange(settings: settings, transport: transport),
      clock: clock, seed: seed)
  }

  init(
    settings: CloudSettings, transport: any HTTPTransport, exchange: any Exchange, clock: any WorldClock, seed: UInt64
  ) {
    self.settings = settings
    self.transport = transport
    self.exchange = exchange
    self.clock = clock
    meter = CallMeter()
    budgets = RateBudgets(share: settings.limits.share)
    breaker = RegionBreaker(
      threshold: settings.limits.breakerThreshold, coolDown: settings.limits.breakerCoolDown)
    retries = RetryPolicy(maximumAttempts: settings.limits.maximumAttempts, seed: seed)
  }

  /// Who calls: the account whose quota it is, and the credentials; none for the calls that AWS takes unsigned.
  struct Identity: Sendable {
    var account: String
    var credentials: RefreshingCredentials?
  }

  private struct Errand {
    var call: APICall
    var prepared: PreparedCall
    var identity: Identity
    var place: RegionBreaker.Place
    var budget: RateBudgets.Key
    var bucket: BucketSize
  }

  func perform(_ call: APICall, in region: String, as identity: Identity) async throws(FailureReason) -> CloudPage {
    let errand = Errand(
      call: call, prepared: try exchange.prepare(call, in: region), identity: identity,
      place: RegionBreaker.Place(service: call.service, region: region),
      budget: RateBudgets.Key(api: call.name, account: identity.account, region: region), bucket: call.bucket)
    var progress = RetryPolicy.Progress(mutating: call.isMutating, canRefresh: identity.credentials != nil)
    while true {
      progress.attempts += 1
      let failure: CallFailure
      do throws(CallFailure) {
        let body = try await attempt(errand)
        return try Pagination.page(of: call, errand.prepared.pagination, body: body)
      } catch {
        failure = error
      }
      switch retries.decide(failure, progress) {
      case .giveUp: throw failure.reason(attempts: progress.attempts, mutating: call.isMutating)
      case .refresh: progress.canRefresh = false
      case .retry(let delay):
        if failure.isThrottling { meter.addThrottledTime(delay) }
        try await pause(delay)
      }
    }
  }

  /// Once: token, credentials, breaker, signature, answer.
  private func attempt(_ errand: Errand) async throws(CallFailure) -> Document {
    try await takeToken(errand)
    let credentials: Credentials?
    do {
      // After the wait for the token, for they could have expired meanwhile.
      credentials = try await errand.identity.credentials?.current()
      try breaker.admit(errand.place, now: clock.now)
    } catch {
      budgets.giveBack(errand.budget)
      throw .local(error)
    }
    meter.countCall(service: errand.call.service, operation: errand.call.operation)
    do throws(CallFailure) {
      let document = try await errand.prepared.send(credentials, clock.now)
      report(errand, failure: nil)
      return document
    } catch {
      report(errand, failure: error)
      if error.asksForNewCredentials, let credentials { errand.identity.credentials?.discard(credentials) }
      throw error
    }
  }

  private func takeToken(_ errand: Errand) async throws(CallFailure) {
    let wait = budgets.reserve(errand.budget, size: errand.bucket, now: clock.now)
    guard wait > .zero else { return }
    meter.addThrottledTime(wait)
    do {
      try await pause(wait)
    } catch {
      budgets.giveBack(errand.budget)
      throw .local(error)
    }
  }

  /// What the breaker, the budget and the meter learn from an attempt.
  private func report(_ errand: Errand, failure: CallFailure?) {
    switch failure {
    case .transport(let error) where failure?.isSilence == true:
      breaker.failed(errand.place, because: error.message, now: clock.now)
    case .transport, .local: breaker.withdrew(errand.place)
    case nil, .service, .malformed: breaker.answered(errand.place)
    }
    if failure?.isThrottling == true {
      meter.countThrottledResponse()
      budgets.throttled(errand.budget, now: clock.now)
    } else if failure == nil {
      budgets.succeeded(errand.budget, now: clock.now)
    }
  }

  private func pause(_ duration: Duration) async throws(FailureReason) {
    do {
      try await clock.sleep(for: duration)
    } catch {
      throw .cancelled
    }
  }
}

extension FailureReason {
  static let cancelled = FailureReason(kind: .cancelled, code: "Cancelled", message: "the work was cancelled")
}
