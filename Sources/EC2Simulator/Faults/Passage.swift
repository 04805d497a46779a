package import AWSWire
import Governance

/// What the faults make of one call: decided once, when it sets out. A transport sees to the way there and back, the
/// simulator to the rest.
package struct Passage: Sendable {
  package enum Loss: Sendable, Equatable {
    case reset(handled: Bool)
    case timedOut(handled: Bool)

    package var isHandled: Bool {
      switch self {
      case .reset(let handled), .timedOut(let handled): handled
      }
    }
  }

  package enum Damage: Sendable, Equatable {
    case truncated(to: Int)
    case garbled

    package func applied(to body: [UInt8]) -> [UInt8] {
      switch self {
      case .truncated(let length): Array(body.prefix(length))
      case .garbled: body.enumerated().map { $0.offset % 3 == 0 ? $0.element ^ 0xA5 : $0.element }
      }
    }
  }

  /// Before the call arrives.
  package private(set) var delay: Duration = .zero
  /// No answer comes back; the call was handled or never arrived.
  package private(set) var loss: Loss?
  /// The answer's bytes are not what was sent.
  package private(set) var damage: Damage?
  /// Somebody on the way answers instead.
  package private(set) var answer: HTTPResponse?

  private(set) var refusal: Fault?
  private(set) var retryAfter: Duration?
  private(set) var staleness: Duration?
  private(set) var rollout: Duration?
  private(set) var before: [ActorCall] = []
  private(set) var after: [ActorCall] = []

  /// Nothing happens to it.
  package static let clear = Passage()

  package init() {}
  package init(_ fault: Fault) { add(FaultRule(FaultRule.Match(), fault)) }

  /// Delays add up, actors queue up; of everything else the first rule that says something wins.
  mutating func add(_ rule: FaultRule) {
    switch rule.fault {
    case .throttled, .serverError, .denied, .expiredCredentials, .error:
      guard refusal == nil else { return }
      refusal = rule.fault
      retryAfter = rule.retryAfter
    case .reset(let handled): loss = loss ?? .reset(handled: handled)
    case .timedOut(let handled): loss = loss ?? .timedOut(handled: handled)
    case .truncated(let length): damage = damage ?? .truncated(to: length)
    case .garbled: damage = damage ?? .garbled
    case .delayed(let duration): delay += duration
    case .answered(let response): answer = answer ?? response
    case .staleReads(let duration): staleness = staleness ?? duration
    case .blockPublicAccessLag(let duration): rollout = rollout ?? duration
    case .actors(let calls, let isBefore): if isBefore { before += calls } else { after += calls }
    }
  }

  func refusal(of model: ServiceModel) -> ServiceError? {
    guard var error = refusal?.error(of: model) else { return nil }
    error.retryAfter = retryAfter ?? error.retryAfter
    return error
  }
}
