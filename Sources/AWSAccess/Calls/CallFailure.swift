package import AWSWire
package import Governance

/// Why one attempt did not bring a result.
package enum CallFailure: Error, Equatable {
  case transport(TransportError)
  case service(ServiceError)
  /// An answer that is not what the protocol promises.
  case malformed(status: Int, reason: String)
  /// Nothing was sent: cancelled, no credentials, a region that counts as unreachable.
  case local(FailureReason)

  /// AWS says: too fast.
  var isThrottling: Bool {
    guard case .service(let error) = self else { return false }
    return ErrorCodes.throttling.contains(error.code) || error.status == 429
  }

  /// AWS says that the credentials are too old or unknown to it.
  var asksForNewCredentials: Bool {
    guard case .service(let error) = self else { return false }
    // AuthFailure also means "not yours": only the variant that speaks of the credentials is about them.
    if error.code == "AuthFailure" { return error.status == 401 || error.message.contains("access credentials") }
    return ErrorCodes.credentials.contains(error.code)
  }

  var retryAfter: Duration? {
    guard case .service(let error) = self else { return nil }
    return error.retryAfter
  }

  /// Can the call have had an effect although it failed? Only then is a changing call's outcome unknown.
  var mayHaveArrived: Bool {
    switch self {
    case .local: return false
    case .malformed: return true
    case .service(let error): return error.status >= 500 && !isThrottling
    case .transport(let error):
      switch error.kind {
      case .unresolved, .connectFailed, .connectTimedOut, .tls: return false
      case .timedOut, .reset, .tooLarge, .malformed, .cancelled: return true
      }
    }
  }

  /// Another attempt may go better, leaving aside whether it is safe.
  var isTransient: Bool {
    switch self {
    case .local, .malformed: return false
    case .service(let error): return isThrottling || [500, 502, 503, 504].contains(error.status)
    case .transport(let error):
      switch error.kind {
      case .unresolved, .connectFailed, .connectTimedOut, .timedOut, .reset: return true
      case .tls, .tooLarge, .malformed, .cancelled: return false
      }
    }
  }

  /// The region gave no sign of life.
  var isSilence: Bool {
    guard case .transport(let error) = self else { return false }
    return [.unresolved, .connectFailed, .connectTimedOut, .timedOut].contains(error.kind)
  }
}

enum ErrorCodes {
  static let throttling: Set = [
    "BandwidthLimitExceeded", "EC2ThrottledException", "LimitExceededException", "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException", "RequestLimitExceeded", "RequestThrottled", "RequestThrottledException",
    "SlowDown", "Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException",
    "TransactionInProgressException",
  ]

  static let credentials: Set = [
    "ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "RequestExpired", "UnrecognizedClientException",
  ]

  static let denied: Set = [
    "AccessDenied", "AccessDeniedException", "AuthFailure", "ExpiredToken", "ExpiredTokenException",
    "IncompleteSignature", "InvalidClientTokenId", "MissingAuthenticationToken", "NotAuthorized", "OptInRequired",
    "RegionDisabledException", "RequestExpired", "SignatureDoesNotMatch", "UnauthorizedAccess",
    "UnauthorizedOperation", "UnrecognizedClientException",
  ]
}

extension CallFailure {
  /// In the words of the ports. `attempts` says how often it was tried.
  func reason(attempts: Int, mutating: Bool) -> FailureReason {
    let plain = plainReason(attempts: attempts)
    guard mutating, mayHaveArrived else { return plain }
    return FailureReason(
      kind: plain.kind == .timedOut || plain.kind == .cancelled ? plain.kind : .unreachable, code: "OutcomeUnknown",
      message: "the call may or may not have taken effect and is not repeated; read it back first "
        + "(\(plain.description))")
  }

  private func plainReason(attempts: Int) -> FailureReason {
    let tried = attempts > 1 ? " (after \(attempts) attempts)" : ""
    switch self {
    case .local(let reason): return reason
    case .malformed(let status, let reason):
      return FailureReason(
        kind: .badData, code: "MalformedResponse", message: "the answer (status \(status)) is not usable: \(reason)")
    case .service(let error):
      return FailureReason(kind: Self.kind(of: self, error), code: error.code, message: Self.text(error) + tried)
    case .transport(let error):
      let (kind, code) = Self.word(for: error.kind)
      return FailureReason(kind: kind, code: code, message: error.message + tried)
    }
  }

  private static func kind(of failure: CallFailure, _ error: ServiceError) -> FailureReason.Kind {
    if failure.isThrottling { return .throttled }
    if ErrorCodes.denied.contains(error.code) { return .denied }
    return .rejected
  }

  private static func word(for kind: TransportError.Kind) -> (FailureReason.Kind, String) {
    switch kind {
    case .unresolved: (.unreachable, "NameNotResolved")
    case .connectFailed: (.unreachable, "ConnectFailed")
    case .connectTimedOut: (.timedOut, "ConnectTimedOut")
    case .tls: (.unreachable, "TLSFailed")
    case .timedOut: (.timedOut, "TimedOut")
    case .reset: (.unreachable, "ConnectionLost")
    case .tooLarge: (.badData, "ResponseTooLarge")
    case .malformed: (.badData, "MalformedResponse")
    case .cancelled: (.cancelled, "Cancelled")
    }
  }

  /// AWS's message without the encoded blob, which is long, unreadable and differs each time.
  static func text(_ error: ServiceError) -> String {
    var message = error.message
    if let blob = message.firstRange(of: "Encoded authorization failure message") {
      message = String(message[..<blob.lowerBound])
      while message.hasSuffix(" ") { message.removeLast() }
    }
    if error.code == "AuthFailure", error.message.contains("access credentials") {
      message += " (also AWS's answer in a region that this account has not opted in to)"
    }
    return message
  }
}
