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
