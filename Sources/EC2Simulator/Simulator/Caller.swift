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
  /// nil: there is no permissions boundary.
  var boundary: Policy?
  /// nil: none was given.
  var sessionPolicies: [Policy]?
  /// `aws:PrincipalTag/…`: the user's or the role's, and over them the session's.
  var tags: [Tag] = []
  /// nil: long-term credentials.
  var session: Session?
  /// A service that acts for the caller, such as `assets.marketplace.amazonaws.com`.
  var invokedBy: String?

  /// Of an operation that needs no signature.
  static let anonymous = Caller(
    account: "", kind: .anonymous, arn: "", userID: "", principalARN: "", accessKeyID: "", identityPolicies: [])

  var asker: PolicyEvaluator.Asker { PolicyEvaluator.Asker(account: account, arns: [arn, principalARN]) }

  /// `aws:PrincipalType`
  var principalType: String {
    switch kind {
    case .root: "Account"
    case .user: "User"
    case .roleSession: "AssumedRole"
    case .anonymous: "Anonymous"
    }
  }

  var identity: CallEvent.Identity {
    CallEvent.Identity(
      kind: kind, account: account, arn: arn, userID: userID, principalARN: principalARN, issued: session?.issued,
      sourceIdentity: session?.sourceIdentity, provider: session?.provider)
  }
}

/// Temporary credentials. Transient: no part of a world.
struct Session: Sendable {
  enum Holder: Sendable, Equatable {
    /// The role that issued it, by name and id: without that very role the session is worth nothing.
    case role(name: String, id: String)
    /// GetSessionToken.
    case user(name: String)
  }

  var secret: String
  var token: String
  var issued: Timestamp
  var expiration: Timestamp
  var account: String
  var holder: Holder
  /// The role session's name; empty for a user.
  var name = ""
  var policies: [Policy]?
  var tags: [Tag] = []
  /// Keys of the tags that go on to the next session of a chain.
  var transitiveTagKeys: [String] = []
  var sourceIdentity: String?
  /// The identity provider of a web identity.
  var provider: String?
  /// Of a web identity: `provider:audience:subject`. Of a service: its principal.
  var bearer: String?
}
