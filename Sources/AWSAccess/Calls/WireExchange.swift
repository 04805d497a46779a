import AWSWire
import Governance

/// Turns calls into single attempts on the wire. A seam: whoever tests budgets, chains and retries scripts it.
protocol Exchange: Sendable {
  /// Everything that can be wrong before anything is sent.
  func prepare(_ call: APICall, in region: String) throws(FailureReason) -> PreparedCall
}

/// A call that has been checked and encoded.
struct PreparedCall: Sendable {
  var pagination: Operation.Pagination?
  /// One attempt, signed with these credentials at this time; unsigned without.
  var send: @Sendable (Credentials?, Timestamp) async throws(CallFailure) -> Document
}

/// The real one: the service models, the codecs, the signature, the transport.
struct WireExchange: Exchange {
  let settings: CloudSettings
  let transport: any HTTPTransport

  func prepare(_ call: APICall, in region: String) throws(FailureReason) -> PreparedCall {
    let operation = try Self.operation(of: call)
    let request = try request(call, operation, region)
    let service = operation.service
    let signingRegion = Endpoint.signingRegion(service: service.name, region: region)
    return PreparedCall(pagination: operation.pagination) { (credentials, date) async throws(CallFailure) in
      var request = request
      if let credentials {
        SignatureV4.sign(
          &request, credentials: credentials, region: signingRegion, service: service.signingName, date: date)
      }
      return try await exchange(request, operation)
    }
  }

  private static func operation(of call: APICall) throws(FailureReason) -> Operation {
    guard let service = ServiceModel.named(call.service) else {
      throw FailureReason(
        kind: .configuration, code: "UnknownService",
        message: "\"\(call.service)\" is no service that Reeve calls; expected one of "
          + ServiceModel.names.joined(separator: ", "))
    }
    guard let operation = service.operation(call.operation) else {
      throw FailureReason(
        kind: .configuration, code: "UnknownOperation",
        message: "\(call.service) has no operation \"\(call.operation)\" in its model of \(service.apiVersion)")
    }
    return operation
  }

  private func request(_ call: APICall, _ operation: Operation, _ region: String) throws(FailureReason) -> HTTPRequest {
    let endpoint = settings.endpoints.url(service: operation.service, region: region)
    do {
      var request = try ClientCodec.request(
        operation, parameters: call.parameters, scheme: endpoint.scheme, authority: endpoint.authority,
        path: endpoint.path)
      request.needsFreshConnection = call.isMutating
      return request
    } catch {
      throw FailureReason(
        kind: .configuration, code: "InvalidParameters", message: "\(call.name): \(error.description)")
    }
  }

  private func exchange(_ request: HTTPRequest, _ operation: Operation) async throws(CallFailure) -> Document {
    let response: HTTPResponse
    do {
      response = try await transport.send(request, timeout: settings.limits.callTimeout)
    } catch {
      throw .transport(error)
    }
    do {
      return try ClientCodec.response(operation, response)
    } catch {
      switch error {
      case .service(let error): throw .service(error)
      case .malformed(let status, let reason):
        // A server error whose body is a proxy's page is still a server error: it may be retried.
        guard status < 500 else {
          throw .service(ServiceError(status: status, code: "HTTP\(status)", message: "no usable body: \(reason)"))
        }
        throw .malformed(status: status, reason: reason)
      }
    }
  }
}
