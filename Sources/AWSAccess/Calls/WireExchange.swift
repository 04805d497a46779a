import AWSWire
import Governance

/// The real one: the service models, the codecs, the signature, the transport.
struct WireExchange: Exchange {
  let settings: CloudSettings
  let transport: any HTTPTransport

  func prepare(_ call: APICall, in region: String) throws(FailureReason) -> PreparedCall {
    let operation = try call.modelledOperation()
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
    return try operation.answer(in: response)
  }
}
