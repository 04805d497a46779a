package import AWSWire
import Governance

/// What goes wrong with one request on its way.
package enum Fault: Sendable, Equatable {
  /// Answered by AWS instead of the operation.
  case throttled
  case serverError
  /// The service's denial, with this text for a reason.
  case denied(String)
  case error(ServiceError)
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

  /// The error that stands for the fault, in the words of a service.
  func error(of model: ServiceModel) -> ServiceError? {
    let service = model.name
    return switch self {
    case .throttled: .throttled(by: model)
    case .serverError:
      switch service {
      case "ec2": .ec2("InternalError", "An internal error has occurred", status: 500)
      case "organizations":
        ServiceError(status: 500, code: "ServiceException", message: "AWS Organizations can't complete your request.")
      default: .sts("InternalFailure", "An internal error has occurred", status: 500)
      }
    case .denied(let reason):
      switch service {
      case "ec2":
        .ec2("UnauthorizedOperation", "You are not authorized to perform this operation. \(reason)", status: 403)
      case "organizations": .organizations("AccessDeniedException", reason)
      default: .sts("AccessDenied", reason, status: 403)
      }
    case .error(let error): error
    case .reset, .timedOut, .truncated, .garbled, .delayed, .answered: nil
    }
  }
}
