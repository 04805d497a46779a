/// Policies × request → decision. Pure.
///
/// "Policy evaluation logic" of the IAM User Guide: an explicit deny anywhere wins; then every service control policy
/// level, the identity's policies, its boundary where there is one, and the session's where there are any must each
/// allow.
package enum PolicyEvaluator {
  package struct Request: Sendable {
    /// `ec2:DescribeImages`
    package let action: String
    /// An ARN, or `*` for an action without resources.
    package let resource: String
    package let context: PolicyContext
    let actionBytes: [UInt8]
    let resourceBytes: [UInt8]

    package init(action: String, resource: String, context: PolicyContext) {
      self.action = action
      self.resource = resource
      self.context = context
      actionBytes = action.utf8.map { $0 >= 65 && $0 <= 90 ? $0 + 32 : $0 }
      resourceBytes = Array(resource.utf8)
    }

    /// For policies that are plain.
    static func plain(action: String, resource: String) -> Request {
      Request(action: action, resource: resource, context: PolicyContext([:]))
    }

    /// `context` by key in lower case.
    package init(action: String, resource: String, context: [String: [String]] = [:]) {
      self.init(action: action, resource: resource, context: PolicyContext(context))
    }
  }

  package enum Answer: Sendable { case allow, deny, silent }

  /// Who asks, for trust policies.
  package struct Asker: Sendable {
    enum Kind: Sendable {
      case principal
      /// `backup.amazonaws.com`
      case service(String)
      /// The ARN of an identity provider.
      case federated(String)
    }
    var kind = Kind.principal
    package var account: String
    /// The ARNs by which a statement can name the asker: the user's; or the role's and the session's.
    package var arns: [String]

    package init(account: String, arns: [String]) {
      self.account = account
      self.arns = arns
    }

    init(service: String) {
      self.init(account: "", arns: [])
      kind = .service(service)
    }

    init(provider arn: String) {
      self.init(account: "", arns: [])
      kind = .federated(arn)
    }
  }

  package enum TrustAnswer: Sendable {
    case deny, silent
    /// The statement names the account: its own policies must allow too.
    case delegates
    /// The statement names the principal itself.
    case allows
  }

  package static func answer(of policies: [Policy], to request: Request) -> Answer {
    var answer = Answer.silent
    for policy in policies {
      for statement in policy.statements {
        // One allow is as good as another.
        if statement.effect == .allow, answer == .allow { continue }
        guard statement.applies(to: request) else { continue }
        if statement.effect == .deny { return .deny }
        answer = .allow
      }
    }
    return answer
  }

  package static func answer(ofTrust policy: Policy, to request: Request, by asker: Asker) -> TrustAnswer {
    var answer = TrustAnswer.silent
    for statement in policy.statements where statement.applies(to: request) {
      guard let match = statement.principals.match(asker) else { continue }
      if statement.effect == .deny { return .deny }
      // "Don't use NotPrincipal with Allow": it would let in everyone else, so here it lets in nobody.
      if statement.principals.isNegated { continue }
      switch match {
      case .account: if case .silent = answer { answer = .delegates }
      case .itself: answer = .allows
      }
    }
    return answer
  }

  package struct Policies: Sendable {
    package var identity: [Policy]
    /// nil: no permissions boundary.
    package var boundary: Policy?
    /// nil: no session policy.
    package var session: [Policy]?
    /// From the root down to the account; empty: none apply.
    package var serviceControl: [[Policy]]

    package init(
      identity: [Policy], boundary: Policy? = nil, session: [Policy]? = nil, serviceControl: [[Policy]] = []
    ) {
      self.identity = identity
      self.boundary = boundary
      self.session = session
      self.serviceControl = serviceControl
    }

    /// What they say depends on action and resource alone.
    var arePlain: Bool {
      identity.allSatisfy(\.isPlain) && boundary?.isPlain ?? true && session?.allSatisfy(\.isPlain) ?? true
        && serviceControl.allSatisfy { $0.allSatisfy(\.isPlain) }
    }
  }

  package enum Decision: Sendable, Equatable {
    case allowed
    /// The end of AWS's sentence.
    case denied(because: String)

    package var isAllowed: Bool { self == .allowed }
  }

  package static func decide(_ request: Request, policies: Policies) -> Decision {
    var levels = Answer.allow
    for level in policies.serviceControl {
      switch answer(of: level, to: request) {
      case .allow: break
      case .silent: levels = .silent
      case .deny: return .denied(because: "with an explicit deny in a service control policy")
      }
    }
    let identity = answer(of: policies.identity, to: request)
    if identity == .deny { return .denied(because: "with an explicit deny in an identity-based policy") }
    let boundary = policies.boundary.map { answer(of: [$0], to: request) } ?? .allow
    if boundary == .deny { return .denied(because: "with an explicit deny in a permissions boundary") }
    let session = policies.session.map { answer(of: $0, to: request) } ?? .allow
    if session == .deny { return .denied(because: "with an explicit deny in a session policy") }
    let missing: (String) -> Decision = { .denied(because: "because no \($0) allows the \(request.action) action") }
    if levels == .silent { return missing("service control policy") }
    if identity == .silent { return missing("identity-based policy") }
    if boundary == .silent { return missing("permissions boundary") }
    if session == .silent { return missing("session policy") }
    return .allowed
  }

  /// The statements that deny, for a denial that is decoded.
  static func denials(_ request: Request, policies: Policies) -> [PolicyStatement] {
    let all =
      policies.serviceControl.flatMap { $0 } + policies.identity + (policies.boundary.map { [$0] } ?? [])
      + (policies.session ?? [])
    return all.flatMap(\.statements).filter { $0.effect == .deny && $0.applies(to: request) }
  }
}
