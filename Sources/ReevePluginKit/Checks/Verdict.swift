/// What a check says of one resource.
public enum Verdict: Sendable, Equatable {
  case pass
  /// `evidence` is what the verdict rests on, e.g. `{"Public": true}`.
  case fail(_ message: String, evidence: Document? = nil)
  /// Never pass what you could not look at.
  case notEvaluated(code: String, message: String)
  /// The check has nothing to say about this resource; it counts nowhere.
  case notApplicable
}

/// One change of one tag, with its reason for a person.
public enum TagOperation: Sendable, Equatable {
  case set(key: String, value: String, reason: String)
  case remove(key: String, reason: String)
  /// The value moves along.
  case rename(key: String, newKey: String, reason: String)
}

/// An open finding, for a remediator.
public struct Finding: Sendable, Equatable {
  public var check: String
  public var message: String
  public var evidence: Document?

  public init(check: String, message: String = "", evidence: Document? = nil) {
    self.check = check
    self.message = message
    self.evidence = evidence
  }
}
