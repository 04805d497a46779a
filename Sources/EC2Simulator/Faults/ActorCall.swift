package import AWSWire
package import Governance

/// What somebody does whom no client stands for: a colleague, a pipeline, a service of AWS. Authorized, limited and on
/// record like any call; only nothing is signed.
package struct ActorCall: Sendable, Equatable {
  /// The ARN of a user, a role, a role's session or an account's root.
  package var principal: String
  /// The AWS service that calls on the principal's behalf, as CloudTrail names it: `assets.marketplace.amazonaws.com`.
  package var invokedBy: String?
  package var service: String
  package var operation: String
  /// nil: where the call is that it happens beside.
  package var region: String?
  /// A text `${ImageId}` stands for that parameter of the call it happens beside.
  package var parameters: Document

  package init(
    principal: String, invokedBy: String? = nil, service: String, operation: String, region: String? = nil,
    parameters: Document
  ) {
    self.principal = principal
    self.invokedBy = invokedBy
    self.service = service
    self.operation = operation
    self.region = region
    self.parameters = parameters
  }
}

extension Simulator {
  package func perform(_ call: ActorCall) -> Result<Document, ServiceError> {
    let times = times
    return withState { state in state.act(call, beside: nil, at: times).document }
  }
}

extension SimulatorState {
  /// Faults are for clients: what an actor does goes as AWS would have it.
  @discardableResult
  mutating func act(_ actor: ActorCall, beside call: Call?, at times: Simulator.Times) -> Outcome {
    guard let model = OperationTable.model(actor.service) else {
      let id = nextRequestID()
      return Outcome(id: id, result: .failure(Simulator.unknownService("an actor's call of \(actor.service)")))
    }
    var arrival = Arrival(model: model, operation: actor.operation)
    arrival.region = Endpoint.signingRegion(
      service: actor.service, region: actor.region ?? call?.region ?? world.partition.homeRegion)
    guard let known = Caller(principal: actor.principal, invokedBy: actor.invokedBy, in: world) else {
      return refuse(arrival, because: Caller.unknown(actor.principal, model), at: times)
    }
    arrival.caller = known
    do throws(ServiceError) {
      let parameters = call.map { actor.parameters.filled(from: $0.parameters) } ?? actor.parameters
      let incoming = try ServerCodec.request(actor.operation, parameters: parameters, of: model)
      return handle(incoming, of: arrival, caller: known, passage: .clear, at: times)
    } catch {
      return refuse(arrival, because: error, at: times)
    }
  }
}

extension Caller {
  /// Without a session's own policies.
  convenience init?(principal: String, invokedBy: String?, in world: World) {
    guard let arn = ARN(principal), let account = world.account(arn.account), account.isUsable else { return nil }
    let parts = arn.resource.split(separator: "/").map(String.init)
    switch (arn.service, parts.first) {
    case ("iam", "root"):
      self.init(WorldUser(name: "root"), of: account, in: world, accessKeyID: "", invokedBy: invokedBy)
    case ("iam", "user"):
      guard let user = account.users.first(where: { "user\($0.path)\($0.name)" == arn.resource }) else { return nil }
      self.init(user, of: account, in: world, accessKeyID: "", invokedBy: invokedBy)
    case ("iam", "role"):
      guard let role = account.role(named: parts.last ?? ""), "role\(role.path)\(role.name)" == arn.resource else {
        return nil
      }
      self.init(role, session: "actor", of: account, in: world, accessKeyID: "", invokedBy: invokedBy)
    case ("sts", "assumed-role"):
      guard parts.count == 3, let role = account.role(named: parts[1]) else { return nil }
      self.init(role, session: parts[2], of: account, in: world, accessKeyID: "", invokedBy: invokedBy)
    default: return nil
    }
  }

  /// A mistake of who wrote the rule or the scenario; no answer of AWS's.
  fileprivate static func unknown(_ principal: String, _ model: ServiceModel) -> ServiceError {
    ServiceError(
      status: 400, code: "NoSuchPrincipal",
      message: "the world has no \(principal) that could call \(model.name); expected the ARN of a user, a role, "
        + "a role's session or an account's root")
  }
}

extension Document {
  /// `${LaunchPermission.Add.0.UserId}` becomes what stands there in the other document, or nothing.
  fileprivate func filled(from other: Document) -> Document {
    switch kind {
    case .string:
      guard let text = string, text.hasPrefix("${"), text.hasSuffix("}") else { return self }
      return other.at(path: String(text.dropFirst(2).dropLast())) ?? .null
    case .array: return Document(elements.map { $0.filled(from: other) })
    case .object: return Document(entries: entries.map { ($0.name, $0.value.filled(from: other)) })
    default: return self
    }
  }
}
