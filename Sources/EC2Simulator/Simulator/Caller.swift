import Governance

/// Who makes a call, once the signature is verified.
struct Caller: Sendable {
  typealias Kind = CallEvent.Identity.Kind

  var account: String
  var kind: Kind
  /// As GetCallerIdentity answers it.
  var arn: String
  var userID: String
  /// `aws:PrincipalArn`: for a session, the role's ARN with its path.
  var principalARN: String
  var accessKeyID: String
  var identityPolicies: [Policy]
  /// nil: none was given.
  var sessionPolicies: [Policy]?
  var tags: [Tag] = []

  /// Of an operation that needs no signature.
  static let anonymous = Caller(
    account: "", kind: .anonymous, arn: "", userID: "", principalARN: "", accessKeyID: "", identityPolicies: [])

  var asker: PolicyEvaluator.Asker { PolicyEvaluator.Asker(account: account, arns: [arn, principalARN]) }

  var identity: CallEvent.Identity {
    CallEvent.Identity(kind: kind, account: account, arn: arn, userID: userID, principalARN: principalARN)
  }
}

/// What AssumeRole gave. Transient: no part of a world.
struct Session: Sendable {
  var secret: String
  var token: String
  var expiration: Timestamp
  /// The role that issued it: without it the session is worth nothing.
  var account: String
  var role: String
  var name: String
  var roleID: String
  var policies: [Policy]?
  var tags: [Tag]
}
