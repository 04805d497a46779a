import CReevePlugin

/// Why a read did not give a value.
public enum FailureKind: Sendable, Hashable {
  case denied, throttled, cancelled, badData, unsupported, `internal`, timedOut, unreachable
  /// AWS answered with any other error.
  case rejected

  init(_ status: reeve_status) {
    self =
      switch status {
      case REEVE_ERROR_DENIED: .denied
      case REEVE_ERROR_THROTTLED: .throttled
      case REEVE_ERROR_CANCELLED: .cancelled
      case REEVE_ERROR_BAD_DATA: .badData
      case REEVE_ERROR_UNSUPPORTED: .unsupported
      case REEVE_ERROR_TIMED_OUT: .timedOut
      case REEVE_ERROR_UNREACHABLE: .unreachable
      case REEVE_ERROR_REJECTED: .rejected
      default: .internal
      }
  }

  var status: reeve_status {
    switch self {
    case .denied: REEVE_ERROR_DENIED
    case .throttled: REEVE_ERROR_THROTTLED
    case .cancelled: REEVE_ERROR_CANCELLED
    case .badData: REEVE_ERROR_BAD_DATA
    case .unsupported: REEVE_ERROR_UNSUPPORTED
    case .internal: REEVE_ERROR_INTERNAL
    case .timedOut: REEVE_ERROR_TIMED_OUT
    case .unreachable: REEVE_ERROR_UNREACHABLE
    case .rejected: REEVE_ERROR_REJECTED
    }
  }
}

/// An AWS call that a discovery asked for and that failed.
public struct AWSError: Error, Sendable, Equatable, CustomStringConvertible {
  public var kind: FailureKind
  /// AWS's error code, or Reeve's own.
  public var code: String
  public var message: String
  public var service: String
  public var operation: String

  public init(kind: FailureKind, code: String, message: String, service: String = "", operation: String = "") {
    self.kind = kind
    self.code = code
    self.message = message
    self.service = service
    self.operation = operation
  }

  public var description: String { "\(service):\(operation): \(code): \(message)" }
  /// Without the code, for where it stands beside.
  var explanation: String { "\(service):\(operation): \(message)" }
}

/// An attribute that could not be read in this sweep. A check that lets it pass through gives *not evaluated* with it.
public struct UnreadAttribute: Error, Sendable, Equatable, CustomStringConvertible {
  public var name: String
  public var kind: FailureKind
  public var code: String
  public var message: String

  public init(name: String, kind: FailureKind, code: String, message: String) {
    self.name = name
    self.kind = kind
    self.code = code
    self.message = message
  }

  public var description: String { "\(name) could not be read: \(code): \(message)" }
}

/// A configuration that cannot be used; say where and what was expected.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
  public var message: String
  public init(_ message: String) { self.message = message }
  public var description: String { message }
}
