import AWSWire
import Governance

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

  static func unknownService(_ request: String) -> ServiceError {
    ServiceError(
      status: 400, code: "UnknownService",
      message: "\(request) is none of \(OperationTable.services.joined(separator: ", ")), which are what is simulated")
  }

  /// `eu-west-1` of `sts.eu-west-1.amazonaws.com`: where an unsigned request is meant for.
  static func region(ofAuthority authority: String) -> String? {
    let labels = authority.split(separator: ".")
    guard labels.count >= 4, labels[2].hasPrefix("amazonaws") else { return nil }
    return String(labels[1])
  }

  /// For the record only: what a request that was not decoded says it is. Cut: anybody can say anything.
  static func operationName(_ request: HTTPRequest) -> String {
    if let target = request.headers["X-Amz-Target"] {
      return String(target.split(separator: ".").last?.prefix(64) ?? "")
    }
    let form = request.query + "&" + String(decoding: request.body.prefix(65_536), as: UTF8.self)
    return form.split(separator: "&").first { $0.hasPrefix("Action=") }.map { String($0.dropFirst(7).prefix(64)) } ?? ""
  }

  /// In the form that the clients of other services read: JSON for who sends JSON, XML for everyone else.
  static func unroutable(_ sent: HTTPRequest, claim: Result<SignatureV4.Claim, SignatureV4.ClaimError>)
    -> HTTPResponse
  {
    var request = "this request"
    if case .success(let claim) = claim {
      let isName = claim.service.utf8.allSatisfy { ($0 >= 97 && $0 <= 122) || ($0 >= 48 && $0 <= 57) || $0 == 45 }
      request = "this request of \(isName ? String(claim.service.prefix(40)) : "another service")"
    }
    let text = unknownService(request).message
    if let type = sent.headers["Content-Type"], type.hasPrefix("application/"), type.contains("json") {
      let body: Document = ["__type": "UnknownService", "message": Document(text)]
      return HTTPResponse(
        status: 400, headers: HTTPHeaders([("Content-Type", "application/x-amz-json-1.1")]),
        body: Array(body.json.utf8))
    }
    return HTTPResponse(
      status: 400, headers: HTTPHeaders([("Content-Type", "text/xml")]),
      body: Array(
        "<ErrorResponse><Error><Code>UnknownService</Code><Message>\(text)</Message></Error></ErrorResponse>\n".utf8))
  }
}

extension OperationTable {
  static let services = ["cloudtrail", "ec2", "iam", "organizations", "sts"]

  static func model(_ name: String) -> ServiceModel? {
    services.contains(name) ? ServiceModel.named(name) : nil
  }
}
