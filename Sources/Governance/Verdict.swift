package enum Severity: String, Sendable, CaseIterable, Comparable {
  case info, low, medium, high, critical

  package static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }
  package var rank: Int { Severity.allCases.firstIndex(of: self) ?? 0 }
}

/// What a check says of one resource.
package enum Verdict: Sendable, Equatable {
  case pass
  case fail(message: String, evidence: Document)
  case notEvaluated(FailureReason)
  case notApplicable
}

/// One check's verdict on one resource.
package struct CheckedResource: Sendable {
  package var check: String
  /// Index in the batch that was evaluated.
  package var resource: Int
  package var verdict: Verdict

  package init(check: String, resource: Int, verdict: Verdict) {
    self.check = check
    self.resource = resource
    self.verdict = verdict
  }
}

/// A failing verdict with a life: open → excepted / resolved → reopened.
package struct Finding: Sendable, Equatable {
  package enum Status: String, Sendable, CaseIterable {
    case open, excepted, resolved, reopened
  }

  package var check: String
  package var severity: Severity
  package var status: Status
  package var resource: ResourceKey
  package var resourceName: String
  package var arn: String
  package var message: String
  package var evidence: Document
  /// When it was first seen in this life; a reopened finding starts anew.
  package var since: Timestamp
  package var lastSeen: Timestamp
  package var resolvedAt: Timestamp?

  package init(
    check: String, severity: Severity, status: Status, resource: ResourceKey, resourceName: String, arn: String,
    message: String, evidence: Document, since: Timestamp, lastSeen: Timestamp, resolvedAt: Timestamp? = nil
  ) {
    self.check = check
    self.severity = severity
    self.status = status
    self.resource = resource
    self.resourceName = resourceName
    self.arn = arn
    self.message = message
    self.evidence = evidence
    self.since = since
    self.lastSeen = lastSeen
    self.resolvedAt = resolvedAt
  }

  /// Open for the exit status: reopened ones are.
  package var isOpen: Bool { status == .open || status == .reopened }
}

/// A verdict that could not be given, exactly as wide as the failure was.
package struct NotEvaluated: Sendable, Equatable {
  package var check: String
  package var resource: ResourceKey
  package var arn: String
  package var reason: FailureReason

  package init(check: String, resource: ResourceKey, arn: String, reason: FailureReason) {
    self.check = check
    self.resource = resource
    self.arn = arn
    self.reason = reason
  }
}
