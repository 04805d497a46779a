import AWSWire
import Governance

/// Signature, skew, credentials: who is it, or AWS's exact error.
struct Authentication {
  /// What the world knows of the key that a request names.
  struct Holder: Sendable {
    var secret: String
    var caller: Caller
    /// Of a session.
    var token: String?
    var expiration: Timestamp?
  }

  var service: String
  var claim: SignatureV4.Claim

  static let skew = Duration.seconds(900)

  /// Credentials come before the signature: an unknown key, or a session whose role is gone, is told first.
  func holder(in state: SimulatorState) throws(ServiceError) -> Holder {
    let holder: Holder?
    if let session = state.sessions[claim.accessKeyID] {
      holder = Self.holder(of: session, in: state.world)
    } else {
      holder = Self.holder(ofKey: claim.accessKeyID, in: state.world)
    }
    guard var holder, holder.token == claim.sessionToken else { throw unknownKey }
    holder.caller.accessKeyID = claim.accessKeyID
    guard state.world.account(holder.caller.account)?.isUsable == true else { throw unknownKey }
    return holder
  }

  func check(_ holder: Holder, of request: HTTPRequest, now: Timestamp, wall: Timestamp) throws(ServiceError) {
    try checkSkew(wall)
    guard SignatureV4.verify(claim, of: request, secretAccessKey: holder.secret) else { throw mismatch }
    if let expiration = holder.expiration, expiration <= now { throw expired }
  }

  /// A region must be there, and be switched on where it needs that.
  func checkRegion(of caller: Caller, in world: World) throws(ServiceError) {
    if service == "organizations" {
      guard claim.region == world.partition.homeRegion else {
        throw .organizations(
          "InvalidSignatureException", "Credential should be scoped to a valid region, not '\(claim.region)'. ")
      }
      return
    }
    guard world.isRegionEnabled(claim.region, in: caller.account) else { throw unknownKey }
  }

  private static func holder(of session: Session, in world: World) -> Holder? {
    guard let account = world.account(session.account) else { return nil }
    var caller: Caller
    switch session.holder {
    case .role(let name, let id):
      guard let role = account.role(named: name), world.roleID(role, in: account.id) == id else { return nil }
      caller = Caller(
        account: account.id, kind: .roleSession,
        arn: "arn:\(world.partition.rawValue):sts::\(account.id):assumed-role/\(role.name)/\(session.name)",
        userID: "\(id):\(session.name)", principalARN: world.iamARN(account: account.id, "role\(role.path)\(role.name)"),
        identityPolicies: world.policies(of: role.permissions, in: account),
        boundary: world.boundary(of: role.permissions, in: account), sessionPolicies: session.policies,
        tags: TagOperations.merged(role.tags, with: session.tags))
    case .user(let name):
      guard let user = account.user(named: name) else { return nil }
      caller = Self.caller(user, of: account, in: world)
    }
    caller.session = session
    return Holder(secret: session.secret, caller: caller, token: session.token, expiration: session.expiration)
  }

  private static func holder(ofKey id: String, in world: World) -> Holder? {
    guard let place = world.keyHolders[id], let account = world.account(place.account),
      let user = account.user(named: place.user), let key = user.accessKeys.first(where: { $0.id == id }), key.isActive
    else { return nil }
    return Holder(secret: key.secret, caller: caller(user, of: account, in: world))
  }

  private static func caller(_ user: WorldUser, of account: WorldAccount, in world: World) -> Caller {
    let arn = world.iamARN(account: account.id, user.isRoot ? "root" : "user\(user.path)\(user.name)")
    return Caller(
      account: account.id, kind: user.isRoot ? .root : .user, arn: arn, userID: world.userID(user, in: account.id),
      principalARN: arn, identityPolicies: world.policies(of: user, in: account),
      boundary: world.boundary(of: user.permissions, in: account), tags: user.tags)
  }

  private func checkSkew(_ wall: Timestamp) throws(ServiceError) {
    let early = wall - Self.skew
    let late = wall + Self.skew
    guard claim.date < early || claim.date > late else { return }
    if service == "ec2" { throw .ec2("RequestExpired", "Request has expired.") }
    let text =
      claim.date < early
      ? "Signature expired: \(claim.date.basic) is now earlier than \(early.basic) (\(wall.basic) - 15 min.)"
      : "Signature not yet current: \(claim.date.basic) is still later than \(late.basic) (\(wall.basic) + 15 min.)"
    throw invalidSignature(text)
  }
}

// The same failure, in the words of each service.
extension Authentication {
  private static let notValidated = ServiceError.ec2(
    "AuthFailure", "AWS was not able to validate the provided access credentials", status: 401)

  private func invalidSignature(_ text: String) -> ServiceError {
    service == "organizations"
      ? .organizations("InvalidSignatureException", text) : .sts("SignatureDoesNotMatch", text, status: 403)
  }

  private var unknownKey: ServiceError {
    let text = "The security token included in the request is invalid."
    switch service {
    case "ec2": return Self.notValidated
    case "organizations": return .organizations("UnrecognizedClientException", text)
    default: return .sts("InvalidClientTokenId", text, status: 403)
    }
  }

  private var mismatch: ServiceError {
    if service == "ec2" { return Self.notValidated }
    return invalidSignature(
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
        + "and signing method. Consult the service documentation for details.")
  }

  private var expired: ServiceError {
    let text = "The security token included in the request is expired"
    switch service {
    // [quote] EC2's words; the status, 400 or 403, is not established.
    case "ec2": return .ec2("RequestExpired", "Request has expired.")
    case "organizations": return .organizations("ExpiredTokenException", text)
    default: return .sts("ExpiredToken", text, status: 403)
    }
  }

  static func error(_ error: SignatureV4.ClaimError, service: String) -> ServiceError {
    switch (error, service) {
    case (.missing, "ec2"): return .ec2("MissingParameter", "The request must contain the parameter AWSAccessKeyId")
    case (.missing, "organizations"):
      return .organizations("MissingAuthenticationTokenException", "Missing Authentication Token")
    case (.missing, _):
      return .sts("MissingAuthenticationToken", "Request is missing Authentication Token", status: 403)
    case (.incomplete(let text), "organizations"): return .organizations("IncompleteSignatureException", text)
    case (.incomplete(let text), _): return .sts("IncompleteSignature", text)
    }
  }
}
