/// An error that AWS answered with.
package struct ServiceError: Error, Equatable, Sendable {
  package var status: Int
  package var code: String
  package var message: String
  package var requestID: String
  /// From Retry-After (seconds) or x-amz-retry-after (milliseconds).
  package var retryAfter: Duration?
  /// The member Reason of some of Organizations' errors.
  package var reason: String?

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
