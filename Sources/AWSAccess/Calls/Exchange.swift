package import AWSWire
package import Governance

/// Turns calls into single attempts. A seam: live it is the wire; a replay may reach its simulator without one, and
/// whoever tests budgets, chains and retries scripts it.
package protocol Exchange: Sendable {
  /// Everything that can be wrong before anything is sent.
  func prepare(_ call: APICall, in region: String) throws(FailureReason) -> PreparedCall
}

/// A call that has been checked and encoded.
package struct PreparedCall: Sendable {
  package var pagination: Operation.Pagination?
  /// One attempt, signed with these credentials at this time; unsigned without.
  package var send: @Sendable (Credentials?, Timestamp) async throws(CallFailure) -> Document

  package init(
    pagination: Operation.Pagination?,
    send: @escaping @Sendable (Credentials?, Timestamp) async throws(CallFailure) -> Document
  ) {
    self.pagination = pagination
    self.send = send
  }
}

extension APICall {
  /// What the service's model says of the operation.
  package func modelledOperation() throws(FailureReason) -> Operation {
    guard let service = ServiceModel.named(service) else {
      throw FailureReason(
        kind: .configuration, code: "UnknownService",
        message: "\"\(self.service)\" is no service that Reeve calls; expected one of "
          + ServiceModel.names.joined(separator: ", "))
    }
    guard let operation = service.operation(operation) else {
      throw FailureReason(
        kind: .configuration, code: "UnknownOperation",
        message: "\(self.service) has no operation \"\(self.operation)\" in its model of \(service.apiVersion)")
    }
    return operation
  }
}

extension Operation {
  /// What a response says, be it AWS's own or that of somebody on the way.
  package func answer(in response: HTTPResponse) throws(CallFailure) -> Document {
    do {
      return try ClientCodec.response(self, response)
    } catch {
      switch error {
      case .service(let error): throw .service(error)
      case .malformed(let status, let reason):
        // A server error whose body is a proxy's page is still a server error: it may be retried.
        guard status < 500 else {
          throw .service(ServiceError(status: status, code: "HTTP\(status)", message: "no usable body: \(reason)"))
        }
        // The reason quotes the body, and a body of STS is made of secrets.
        let isSecret = service.name == "sts" && status < 300
        throw .malformed(
          status: status, reason: isSecret ? "not the XML that \(name) answers with" : reason)
      }
    }
  }
}
