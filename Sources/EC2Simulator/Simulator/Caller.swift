import Determinism
import Governance

/// Who makes a call, once the signature is verified. One object for all the calls of a key: they come by the thousand,
/// and each hands its caller from step to step.
final class Caller: Sendable {
  typealias Kind = CallEvent.Identity.Kind

  let identity: CallEvent.Identity
  let accessKeyID: String
  let identityPolicies: [Policy]
  /// nil: there is no permissions boundary.
  let boundary: Policy?
  /// nil: none was given.
  let sessionPolicies: [Policy]?
  /// `aws:PrincipalTag/…`: the user's or the role's, and over them the session's.
  let tags: [Tag]
  /// nil: long-term credentials.
  let session: Session?
  /// A service that acts for the caller, such as `assets.marketplace.amazonaws.com`.
  let invokedBy: String?

  init(
    account: String, kind: Kind, arn: String, userID: String, principalARN: String, accessKeyID: String,
    identityPolicies: [Policy], boundary: Policy? = nil, sessionPolicies: [Policy]? = nil, tags: [Tag] = [],
    session: Session? = nil, invokedBy: String? = nil
  ) {
    identity = CallEvent.Identity(
      kind: kind, account: account, arn: arn, userID: userID, principalARN: principalARN, issued: session?.issued,
      sourceIdentity: session?.sourceIdentity, provider: session?.provider)
    self.accessKeyID = accessKeyID
    self.identityPolicies = identityPolicies
    self.boundary = boundary
    self.sessionPolicies = sessionPolicies
    self.tags = tags
    self.session = session
    self.invokedBy = invokedBy
  }

  var account: String { identity.account }
  var kind: Kind { identity.kind }
  /// As GetCallerIdentity answers it.
  var arn: String { identity.arn }
  var userID: String { identity.userID }
  /// `aws:PrincipalArn`: for a session, the role's ARN with its path.
  var principalARN: String { identity.principalARN }

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
}

/// Temporary credentials. Transient: no part of a world.
final class Session: Sendable {
  enum Holder: Sendable, Equatable {
    /// The role that issued it, by name and id: without that very role the session is worth nothing.
    case role(name: String, id: String)
    /// GetSessionToken.
    case user(name: String)
  }

  /// What it is given beside its credentials.
  struct Attributes: Sendable {
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

  private let seed: UInt64
  private let number: Int
  let issued: Timestamp
  let expiration: Timestamp
  let account: String
  let holder: Holder
  let attributes: Attributes

  init(
    seed: UInt64, number: Int, issued: Timestamp, expiration: Timestamp, account: String, holder: Holder,
    attributes: Attributes
  ) {
    self.seed = seed
    self.number = number
    self.issued = issued
    self.expiration = expiration
    self.account = account
    self.holder = holder
    self.attributes = attributes
  }

  // Made from the seed whenever they are asked for: many thousand sessions are kept, and few of them are used.
  var key: String { "ASIA" + text("session-key", length: 16, of: SimulatorState.keyAlphabet) }
  var secret: String { text("session-secret", length: 40, of: SimulatorState.secretAlphabet) }
  var token: String { "IQoJ" + text("session-token", length: 236, of: SimulatorState.secretAlphabet) }

  private func text(_ kind: String, length: Int, of alphabet: String) -> String {
    var generator = SeededGenerator(seed: seed, stream: "\(kind)#\(number)")
    return generator.text(length: length, of: alphabet)
  }

  var name: String { attributes.name }
  var policies: [Policy]? { attributes.policies }
  var tags: [Tag] { attributes.tags }
  var transitiveTagKeys: [String] { attributes.transitiveTagKeys }
  var sourceIdentity: String? { attributes.sourceIdentity }
  var provider: String? { attributes.provider }
}
