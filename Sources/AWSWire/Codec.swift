package import Governance

/// An error that AWS answered with.
package struct ServiceError: Error, Equatable, Sendable {
  package var status: Int
  package var code: String
  package var message: String
  package var requestID: String
  /// From Retry-After (seconds) or x-amz-retry-after (milliseconds).
  package var retryAfter: Duration?

  package init(status: Int, code: String, message: String, requestID: String = "", retryAfter: Duration? = nil) {
    self.status = status
    self.code = code
    self.message = message
    self.requestID = requestID
    self.retryAfter = retryAfter
  }
}

/// Parameters that the model does not allow, caught before the call: every problem, each with its path.
package struct ParameterError: Error, Equatable, Sendable, CustomStringConvertible {
  package var problems: [String]
  package init(problems: [String]) { self.problems = problems }
  package var description: String { problems.joined(separator: "; ") }
}

/// The client's half: parameters out, responses in.
package enum ClientCodec {
  package enum ResponseError: Error, Equatable, Sendable {
    case service(ServiceError)
    /// A body that is not what the protocol promises: what was expected, what was found, never the whole body.
    case malformed(status: Int, reason: String)
  }

  /// An unsigned request to `authority`.
  package static func request(
    _ operation: Operation, parameters: Document, scheme: String, authority: String, path: String = "/"
  ) throws(ParameterError) -> HTTPRequest { preconditionFailure("skeleton") }

  package static func response(_ operation: Operation, _ response: HTTPResponse) throws(ResponseError) -> Document {
    preconditionFailure("skeleton")
  }
}

/// The server's half, over the same tables in the opposite direction: requests in, responses out.
package enum ServerCodec {
  /// The action and raw form fields of a query-protocol request, GET or POST; of several equal scalars the first wins.
  /// Operation name of a JSON request comes from X-Amz-Target.
  package struct Incoming: Sendable {
    package var action: String
    package var version: String
    package var parameters: Document
    /// Fields that the operation's shape does not name, in request order.
    package var unknown: [String]
  }

  /// The error that AWS would answer with, as code, message and status.
  package static func request(_ request: HTTPRequest, of service: ServiceModel) throws(ServiceError) -> Incoming {
    preconditionFailure("skeleton")
  }

  package static func response(_ operation: Operation, _ output: Document, requestID: String) -> HTTPResponse {
    preconditionFailure("skeleton")
  }

  package static func error(_ error: ServiceError, of service: ServiceModel) -> HTTPResponse {
    preconditionFailure("skeleton")
  }
}
