package import AWSWire
package import Governance

/// A call without a wire: no HTTP, no bytes of a signature, no XML. Everything else is as it is over one: the
/// credentials are looked up, and so are session token, expiry, region, parameters, permissions, faults, limits, record.
package struct DirectCall: Sendable {
  package var service: String
  package var operation: String
  /// Where it is sent; a service that has one place per partition is called there.
  package var region: String
  /// As the AWS CLI has them.
  package var parameters: Document
  /// nil: an unsigned call.
  package var credentials: Credentials?

  package init(
    service: String, operation: String, region: String, parameters: Document, credentials: Credentials?
  ) {
    self.service = service
    self.operation = operation
    self.region = region
    self.parameters = parameters
    self.credentials = credentials
  }
}

extension Simulator {
  /// Handles a call in process. Its answer is what a client would have read had nothing happened on the way.
  package func perform(_ call: DirectCall) -> Result<Document, ServiceError> { perform(call, passage(of: call)) }

  /// The answer that sets out on its way back; what becomes of it there is the transport's to do.
  package func perform(_ call: DirectCall, _ passage: Passage) -> Result<Document, ServiceError> {
    guard let model = OperationTable.model(call.service) else {
      return .failure(Self.unknownService("this request of \(call.service)"))
    }
    let times = times
    return withState { state in state.handle(call, model: model, passage: passage, at: times).document }
  }
}

extension SimulatorState {
  fileprivate mutating func handle(
    _ call: DirectCall, model: ServiceModel, passage: Passage, at times: Simulator.Times
  ) -> Outcome {
    var arrival = Arrival(model: model, operation: call.operation)
    do throws(ServiceError) {
      let caller: Caller
      if let credentials = call.credentials {
        arrival.region = Endpoint.signingRegion(service: call.service, region: call.region)
        arrival.accessKeyID = credentials.accessKeyID
        let authentication = Authentication(arrival: arrival, sessionToken: credentials.sessionToken)
        let holder = try authentication.holder(in: &self)
        arrival.caller = holder.caller
        guard holder.secret == credentials.secretAccessKey || holder.isTakenAtItsWord else {
          throw authentication.mismatch
        }
        try authentication.checkExpiry(of: holder, now: times.clock + offset)
        try authentication.checkRegion(of: holder.caller, in: world)
        caller = holder.caller
      } else {
        guard OperationTable.entry(model.name, call.operation)?.needsSignature == false else {
          throw Authentication.error(.missing, model: model)
        }
        caller = .anonymous
        arrival.region = call.region
      }
      let incoming = try ServerCodec.request(call.operation, parameters: call.parameters, of: model)
      return handle(incoming, of: arrival, caller: caller, passage: passage, at: times)
    } catch {
      return refuse(arrival, because: error, at: times)
    }
  }
}
