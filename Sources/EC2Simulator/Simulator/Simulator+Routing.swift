import AWSWire

// Whose request it is, and what is told to one that is nobody's.

extension Simulator {
  static func unknownAction(_ incoming: ServerCodec.Incoming, service: ServiceModel) -> ServiceError {
    switch service.wireProtocol {
    case .ec2: .ec2("InvalidAction", "The action \(incoming.action) is not valid for this web service.")
    case .query:
      .sts(
        "InvalidAction",
        "Could not find operation \(incoming.action) for version "
          + (incoming.version.isEmpty ? "NO_VERSION_SPECIFIED" : incoming.version))
    case .json: .organizations("UnknownOperationException", "")
    }
  }

  /// The credential scope says whose request it is; without one, the target header or the API version does.
  static func service(
    of request: HTTPRequest, claim: Result<SignatureV4.Claim, SignatureV4.ClaimError>
  ) -> ServiceModel? {
    if case .success(let claim) = claim { return OperationTable.model(claim.service) }
    if let target = request.headers["X-Amz-Target"] {
      return OperationTable.services.compactMap(ServiceModel.named).first {
        !$0.targetPrefix.isEmpty && target.hasPrefix($0.targetPrefix + ".")
      }
    }
    let form = request.query + "&" + String(decoding: request.body.prefix(65_536), as: UTF8.self)
    return OperationTable.services.compactMap(ServiceModel.named).first { form.contains("Version=\($0.apiVersion)") }
  }

  static let unroutable = HTTPResponse(
    status: 400, headers: HTTPHeaders([("Content-Type", "text/plain;charset=UTF-8")]),
    body: Array("This is no request of ec2, sts or organizations: sign it for one of them.\n".utf8))
}

extension OperationTable {
  static let services = ["ec2", "organizations", "sts"]

  static func model(_ name: String) -> ServiceModel? {
    services.contains(name) ? ServiceModel.named(name) : nil
  }
}
