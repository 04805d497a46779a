package import AWSWire

/// What goes wrong with one request, on its way or with the service that gets it.
package enum Fault: Sendable, Equatable {
  // Answered by AWS instead of the operation:
  case throttled
  case serverError
  /// The service's denial, with this text for a reason.
  case denied(String)
  case expiredCredentials
  case error(ServiceError)

  // On the way:
  /// The connection breaks: the request was handled, or never arrived.
  case reset(handled: Bool)
  case timedOut(handled: Bool)
  /// Only so many bytes of the answer arrive.
  case truncated(to: Int)
  /// The answer's bytes are other ones.
  case garbled
  case delayed(Duration)
  /// Somebody on the way answers instead.
  case answered(HTTPResponse)

  // Within the service, which answers as if all were well:
  /// Eventual consistency: a read is answered from the world as it was this long ago, and a write to what is younger
  /// than that is NotFound.
  case staleReads(Duration)
  /// A change of image block public access takes exactly this long.
  case blockPublicAccessLag(Duration)
  /// Somebody else does this right before the call, or right after it.
  case actors([ActorCall], isBefore: Bool)

  /// The error that a service answers with instead of handling the call; nil: the fault is of another kind.
  func error(of model: ServiceModel) -> ServiceError? {
    switch self {
    case .throttled: .throttled(by: model)
    case .serverError: .internalFailure(of: model)
    case .denied(let reason): .denied(because: reason, by: model)
    case .expiredCredentials: Authentication.expired(model)
    case .error(let error): error
    default: nil
    }
  }
}

extension ServiceError {
  fileprivate static func internalFailure(of model: ServiceModel) -> ServiceError {
    switch (model.wireProtocol, model.name) {
    case (.ec2, _): .ec2("InternalError", "An internal error has occurred", status: 500)
    case (.json, "organizations"):
      ServiceError(status: 500, code: "ServiceException", message: "AWS Organizations can't complete your request.")
    case (.json, _): ServiceError(status: 500, code: "InternalFailure", message: "")
    case (.query, _): .sts("InternalFailure", "An internal error has occurred", status: 500)
    }
  }

  fileprivate static func denied(because reason: String, by model: ServiceModel) -> ServiceError {
    switch model.wireProtocol {
    case .ec2:
      .ec2("UnauthorizedOperation", "You are not authorized to perform this operation. \(reason)", status: 403)
    case .json: .organizations("AccessDeniedException", reason)
    case .query: .sts("AccessDenied", reason, status: 403)
    }
  }
}
