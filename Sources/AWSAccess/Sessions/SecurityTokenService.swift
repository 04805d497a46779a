import AWSWire
import Governance
import Orchestrator

/// The three calls of STS that Reeve makes itself, at the regional endpoint: tokens of the global one are refused in
/// opt-in regions.
struct SecurityTokenService: Sendable {
  let caller: ServiceCaller
  let region: String

  struct RoleRequest: Sendable {
    var role: RoleHop
    var arn: String
    var policy: String?
    var duration: Duration
  }

  func assumeRole(_ request: RoleRequest, as identity: ServiceCaller.Identity) async throws(FailureReason)
    -> Credentials
  {
    let tags = request.role.tags.map { Document(entries: [("Key", Document($0.key)), ("Value", Document($0.value))]) }
    let parameters = Document(entries: [
      ("RoleArn", Document(request.arn)), ("RoleSessionName", Document(request.role.sessionName)),
      ("DurationSeconds", Document(Int(request.duration.components.seconds))),
      ("Policy", request.policy.map { Document($0) }), ("ExternalId", request.role.externalID.map { Document($0) }),
      ("Tags", tags.isEmpty ? nil : Document(tags)),
    ])
    let call = APICall(service: "sts", operation: "AssumeRole", parameters: parameters)
    return try Self.credentials(in: try await caller.perform(call, in: region, as: identity).body)
  }

  /// Unsigned: the token is the proof.
  func assumeRole(_ arn: String, sessionName: String, webIdentityToken: String) async throws(FailureReason)
    -> Credentials
  {
    let call = APICall(
      service: "sts", operation: "AssumeRoleWithWebIdentity",
      parameters: [
        "RoleArn": Document(arn), "RoleSessionName": Document(sessionName),
        "WebIdentityToken": Document(webIdentityToken),
      ])
    let identity = ServiceCaller.Identity(account: ARN(arn)?.account ?? "", credentials: nil)
    return try Self.credentials(in: try await caller.perform(call, in: region, as: identity).body)
  }

  func callerIdentity(as identity: ServiceCaller.Identity) async throws(FailureReason) -> CallerIdentity {
    let call = APICall(service: "sts", operation: "GetCallerIdentity", parameters: .emptyObject)
    let body = try await caller.perform(call, in: region, as: identity).body
    guard let account = body["Account"]?.string, let text = body["Arn"]?.string, let arn = ARN(text),
      let partition = Partition(rawValue: arn.partition)
    else {
      throw FailureReason(
        kind: .badData, code: "MalformedResponse",
        message: "GetCallerIdentity answered without an account and an ARN of a known partition")
    }
    return CallerIdentity(account: account, arn: text, partition: partition)
  }

  private static func credentials(in body: Document) throws(FailureReason) -> Credentials {
    guard let part = body["Credentials"], let id = part["AccessKeyId"]?.string,
      let secret = part["SecretAccessKey"]?.string, let token = part["SessionToken"]?.string,
      let expiration = part["Expiration"]?.string.flatMap({ Timestamp(iso8601: $0) })
    else {
      throw FailureReason(
        kind: .badData, code: "MalformedResponse",
        message: "STS answered without whole credentials; expected key id, secret, token and expiration")
    }
    return Credentials(accessKeyID: id, secretAccessKey: secret, sessionToken: token, expiration: expiration)
  }
}
