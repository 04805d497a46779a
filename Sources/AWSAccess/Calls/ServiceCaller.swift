import AWSWire
import Determinism
import Governance
import Orchestrator

/// One signed call with everything around it: rate budget, breaker, retries, refreshed credentials, decoding, and the
/// call that gets the next page. Everything that talks to AWS goes through one of these.
final class ServiceCaller: Sendable {
  let settings: CloudSettings
  let transport: any HTTPTransport
  let clock: any WorldClock
  let meter: CallMeter
  private let budgets: RateBudgets
  private let breaker: RegionBreaker
  private let retries: RetryPolicy

  init(
    settings: CloudSettings, transport: any HTTPTransport, clock: any WorldClock, meter: CallMeter, seed: UInt64
  ) {
    self.settings = settings
    self.transport = transport
    self.clock = clock
    self.meter = meter
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

  private struct Prepared {
    var call: APICall
    var operation: Operation
    var request: HTTPRequest
    var region: String
    var identity: Identity
    var place: RegionBreaker.Place
    var budget: RateBudgets.Key
    var bucket: BucketSize
  }

  func perform(_ call: APICall, in region: String, as identity: Identity) async throws(FailureReason) -> CloudPage {
    let prepared = try prepare(call, region, identity)
    var progress = RetryPolicy.Progress(mutating: call.isMutating)
    while true {
      progress.attempts += 1
      let failure: CallFailure
      do throws(CallFailure) {
        let used = try await credentials(of: prepared)
        do throws(CallFailure) {
          let body = try await attempt(prepared, used)
          return try Pagination.page(of: call, operation: prepared.operation, body: body)
        } catch {
          if error.asksForNewCredentials, let used { identity.credentials?.discard(used) }
          throw error
        }
      } catch {
        failure = error
      }
      switch retries.decide(failure, progress) {
      case .giveUp: throw failure.reason(attempts: progress.attempts, mutating: call.isMutating)
      case .refresh:
        guard identity.credentials != nil else {
          throw failure.reason(attempts: progress.attempts, mutating: call.isMutating)
        }
        progress.refreshed = true
      case .retry(let delay):
        if failure.isThrottling { meter.addThrottledTime(delay) }
        try await pause(delay)
      }
    }
  }

  private func prepare(_ call: APICall, _ region: String, _ identity: Identity) throws(FailureReason) -> Prepared {
    guard let service = ServiceModel.named(call.service) else {
      throw FailureReason(
        kind: .configuration, code: "UnknownService",
        message: "\"\(call.service)\" is no service that Reeve calls; expected one of "
          + ServiceModel.names.joined(separator: ", "))
    }
    guard let operation = service.operation(call.operation) else {
      throw FailureReason(
        kind: .configuration, code: "UnknownOperation",
        message: "\(call.service) has no operation \"\(call.operation)\" in its model of \(service.apiVersion)")
    }
    let endpoint = settings.endpoints.url(service: service, region: region)
    var request: HTTPRequest
    do {
      request = try ClientCodec.request(
        operation, parameters: call.parameters, scheme: endpoint.scheme, authority: endpoint.authority,
        path: endpoint.path)
    } catch {
      throw FailureReason(
        kind: .configuration, code: "InvalidParameters", message: "\(call.name): \(error.description)")
    }
    request.needsFreshConnection = call.isMutating
    return Prepared(
      call: call, operation: operation, request: request, region: region, identity: identity,
      place: RegionBreaker.Place(service: call.service, region: region),
      budget: RateBudgets.Key(api: call.name, account: identity.account, region: region), bucket: BucketSize.of(call))
  }

  private func credentials(of prepared: Prepared) async throws(CallFailure) -> Credentials? {
    guard let source = prepared.identity.credentials else { return nil }
    do {
      return try await source.current()
    } catch {
      throw .local(error)
    }
  }

  /// Once: token, signature, send, decode.
  private func attempt(_ prepared: Prepared, _ credentials: Credentials?) async throws(CallFailure) -> Document {
    try await takeToken(prepared)
    do {
      try breaker.admit(prepared.place, now: clock.now)
    } catch {
      budgets.giveBack(prepared.budget)
      throw .local(error)
    }
    var request = prepared.request
    if let credentials {
      let service = prepared.operation.service
      SignatureV4.sign(
        &request, credentials: credentials,
        region: Endpoint.signingRegion(service: service.name, region: prepared.region), service: service.signingName,
        date: clock.now)
    }
    meter.countCall(service: prepared.call.service, operation: prepared.call.operation)
    do throws(CallFailure) {
      let document = try await exchange(request, prepared.operation)
      report(prepared, failure: nil)
      return document
    } catch {
      report(prepared, failure: error)
      throw error
    }
  }

  private func takeToken(_ prepared: Prepared) async throws(CallFailure) {
    let wait = budgets.reserve(prepared.budget, size: prepared.bucket, now: clock.now)
    guard wait > .zero else { return }
    meter.addThrottledTime(wait)
    do {
      try await pause(wait)
    } catch {
      budgets.giveBack(prepared.budget)
      throw .local(error)
    }
  }

  private func exchange(_ request: HTTPRequest, _ operation: Operation) async throws(CallFailure) -> Document {
    let response: HTTPResponse
    do {
      response = try await transport.send(request, timeout: settings.limits.callTimeout)
    } catch {
      throw .transport(error)
    }
    do {
      return try ClientCodec.response(operation, response)
    } catch {
      switch error {
      case .service(let error): throw .service(error)
      case .malformed(let status, let reason):
        // A server error whose body is a proxy's page is still a server error: it may be retried.
        guard status < 500 else {
          throw .service(ServiceError(status: status, code: "HTTP\(status)", message: "no usable body: \(reason)"))
        }
        throw .malformed(status: status, reason: reason)
      }
    }
  }

  /// What the breaker and the budget learn from an attempt.
  private func report(_ prepared: Prepared, failure: CallFailure?) {
    switch failure {
    case .transport(let error) where failure?.isSilence == true:
      breaker.failed(prepared.place, because: error.message, now: clock.now)
    case .transport: breaker.withdrew(prepared.place)
    default: breaker.answered(prepared.place)
    }
    if failure?.isThrottling == true {
      meter.countThrottledResponse()
      budgets.throttled(prepared.budget, now: clock.now)
    } else if failure == nil {
      budgets.succeeded(prepared.budget, now: clock.now)
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
