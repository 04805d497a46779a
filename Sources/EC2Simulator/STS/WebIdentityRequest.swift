import AWSWire
import Governance

/// AssumeRoleWithWebIdentity: nobody signs; the token says who it is, and the role's trust policy whether that is enough.
struct WebIdentityRequest {
  let session: SessionRequest
  private let call: Call
  private let tokenText: String

  static let refused = ServiceError.sts(
    "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", status: 403)

  init(_ call: Call) throws(ServiceError) {
    self.call = call
    session = try SessionRequest(call)
    tokenText = try call.required("WebIdentityToken")
    try STSConstraint.check(tokenText, "webIdentityToken", 4...20_000, .any)
  }

  /// The token is read first, then the provider is looked up in the role's account, then the trust policy is asked.
  func token(in world: World) throws(ServiceError) -> WorldWebToken {
    guard let token = world.webTokens.first(where: { $0.token == tokenText }) else {
      throw .sts(
        "InvalidIdentityToken",
        "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
    }
    if let expires = token.expires, expires <= call.now {
      throw .sts(
        "ExpiredTokenException",
        "Token expired: current date/time \(call.now.seconds) must be before the expiration date/time "
          + "\(expires.seconds)")
    }
    return token
  }

  func assumableRole(_ token: WorldWebToken, in world: World) throws(ServiceError) -> (
    account: WorldAccount, role: WorldRole, provider: String
  ) {
    guard let account = world.account(session.role.account), account.isUsable else { throw Self.refused }
    guard let provider = account.identityProviders.first(where: { $0.url == token.issuer }) else {
      throw .sts(
        "InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://\(token.issuer)")
    }
    guard provider.clientIDs.contains(token.audience) else {
      throw .sts("InvalidIdentityToken", "Incorrect token audience")
    }
    guard let found = session.foundRole(in: world) else { throw Self.refused }
    let arn = world.iamARN(account: account.id, "oidc-provider/\(provider.url)")
    // No caller, so no policy of a caller's: what the organization forbids the account binds the role's session later.
    let request = PolicyEvaluator.Request(
      action: "sts:AssumeRoleWithWebIdentity", resource: session.roleText,
      context: PolicyContext(context(token, provider: arn)) { key in
        ["aws:currenttime": [call.now.iso8601], "aws:epochtime": ["\(call.now.seconds)"]][key]
      })
    guard case .allows = PolicyEvaluator.answer(ofTrust: found.role.trust, to: request, by: .init(provider: arn)) else {
      throw Self.refused
    }
    for policy in world.resourceControl(ofAccount: account.id) {
      if case .deny = PolicyEvaluator.answer(ofTrust: policy, to: request, by: .init(provider: arn)) {
        throw Self.refused
      }
    }
    return (found.account, found.role, arn)
  }

  /// "Available keys for AWS OIDC federation": the claims, by `issuer:claim`.
  private func context(_ token: WorldWebToken, provider: String) -> [String: [String]] {
    let issuer = token.issuer.lowercased()
    var context: [String: [String]] = [
      "\(issuer):sub": [token.subject], "\(issuer):aud": [token.audience], "aws:federatedprovider": [provider],
      "sts:rolesessionname": [session.sessionName], "sts:durationseconds": ["\(session.duration)"],
      "aws:requestedregion": [call.region], "aws:securetransport": ["true"], "aws:sourceip": [call.sourceAddress],
    ]
    for claim in token.claims { context["\(issuer):\(claim.key.lowercased())"] = [claim.value] }
    return context
  }
}
