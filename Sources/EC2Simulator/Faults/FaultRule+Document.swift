import AWSWire
package import Governance

// As they are read; what says nothing is left out.
extension FaultRule {
  package var document: Document {
    Document(
      entries: [("fault", Document(kind))] + match.entries + details + [
        ("retryAfter", retryAfter.map { Document($0.text) })
      ])
  }

  private var kind: String {
    switch fault {
    case .throttled: "throttling"
    case .serverError: "server-error"
    case .denied: "denied"
    case .expiredCredentials: "expired-credentials"
    case .error: "error"
    case .reset: "reset"
    case .timedOut: "timeout"
    case .truncated: "truncated"
    case .garbled: "garbled"
    case .delayed: "latency"
    case .answered: "answered"
    case .staleReads: "stale-reads"
    case .blockPublicAccessLag: "block-public-access-lag"
    case .actors: "actor"
    }
  }

  private var details: [(name: String, value: Document?)] {
    switch fault {
    case .throttled, .serverError, .expiredCredentials, .garbled, .answered: return []
    case .denied(let reason): return [("reason", Document(reason))]
    case .error(let error):
      return [("code", Document(error.code)), ("message", Document(error.message)), ("status", Document(error.status))]
    case .reset(let handled), .timedOut(let handled): return [("handled", Document(handled))]
    case .truncated(let length): return [("bytes", Document(length))]
    case .delayed(let duration): return [("delay", Document(duration.text))]
    case .staleReads(let duration), .blockPublicAccessLag(let duration): return [("lasts", Document(duration.text))]
    case .actors(let calls, let isBefore):
      return [
        ("as", calls.first.map { Document($0.principal) }),
        ("invokedBy", calls.first?.invokedBy.map { Document($0) }),
        ("when", Document(isBefore ? "before" : "after")),
        ("calls", Document(calls.map(\.document))),
      ]
    }
  }
}

extension FaultRule.Match {
  fileprivate var entries: [(name: String, value: Document?)] {
    func pattern(_ text: String) -> Document? { text == "*" ? nil : Document(text) }
    return [
      ("service", pattern(service)), ("operation", pattern(operation)), ("account", pattern(account)),
      ("region", pattern(region)), ("resource", resource.map { Document($0) }), ("from", from?.document),
      ("until", until?.document), ("nth", nth.map { Document($0) }), ("every", every.map { Document($0) }),
      ("first", first.map { Document($0) }), ("rate", rate.map { Document(floatLiteral: $0) }),
    ]
  }
}

extension FaultRule.Moment {
  fileprivate var document: Document {
    switch self {
    case .at(let time): Document(time.precise)
    case .after(let duration): Document(duration.text)
    }
  }
}

extension ActorCall {
  fileprivate var document: Document {
    Document(entries: [
      ("operation", Document("\(service):\(operation)")), ("region", region.map { Document($0) }),
      ("parameters", parameters.count == 0 ? nil : parameters),
    ])
  }
}
