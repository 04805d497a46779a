package import Governance

/// What goes wrong, and with which calls. World files, scenarios and `/_simulator/faults` read it alike.
package struct FaultRule: Sendable, Equatable {
  /// A moment of the world's clock.
  package enum Moment: Sendable, Equatable {
    case at(Timestamp)
    /// So long after the rules were set.
    case after(Duration)

    func time(from origin: Timestamp) -> Timestamp {
      switch self {
      case .at(let time): time
      case .after(let duration): origin + duration
      }
    }
  }

  /// Which calls: all of it must fit. Names are patterns with `*` and `?`.
  package struct Match: Sendable, Equatable {
    package var service = "*"
    package var operation = "*"
    /// The caller's.
    package var account = "*"
    package var region = "*"
    /// Any text among the parameters: an image id, the ARN of a role that is assumed.
    package var resource: String?
    package var from: Moment?
    package var until: Moment?
    /// Of the calls that fit so far: only this one, only every so many, only the first so many.
    package var nth: Int?
    package var every: Int?
    package var first: Int?
    /// Of those the share that is hit, drawn from the seed.
    package var rate: Double?

    package init() {}

    package init(_ service: String, _ operation: String, account: String = "*", region: String = "*") {
      self.service = service
      self.operation = operation
      self.account = account
      self.region = region
    }

    func fits(_ candidate: FaultCandidate) -> Bool {
      Self.fits(service, candidate.service) && Self.fits(operation, candidate.operation)
        && Self.fits(region, candidate.region) && Self.fits(account, candidate.account)
        && (resource.map { candidate.parameters.holds($0) } ?? true)
    }

    private static func fits(_ pattern: String, _ text: String) -> Bool {
      pattern == "*" || pattern == text || Wildcard.matches(pattern, text)
    }

    func counts(_ number: Int) -> Bool {
      if let nth, number != nth { return false }
      if let every, !number.isMultiple(of: every) { return false }
      if let first, number > first { return false }
      return true
    }
  }

  package var match: Match
  package var fault: Fault
  /// Of an error: after how long the client is told to try again (`x-amz-retry-after`).
  package var retryAfter: Duration?

  package init(_ match: Match, _ fault: Fault, retryAfter: Duration? = nil) {
    self.match = match
    self.fault = fault
    self.retryAfter = retryAfter
  }
}

/// What a rule is held against.
struct FaultCandidate: Sendable {
  var service: String
  var operation: String
  /// Of the key that the request names; empty where nobody has it.
  var account: String
  var region: String
  var parameters: Document
}

extension Document {
  /// Is there a text in it that the pattern matches?
  fileprivate func holds(_ pattern: String) -> Bool {
    switch kind {
    case .string: string.map { $0 == pattern || Wildcard.matches(pattern, $0) } ?? false
    case .array: elements.contains { $0.holds(pattern) }
    case .object: entries.contains { $0.value.holds(pattern) }
    default: false
    }
  }
}
