/// Policies × request → decision. Pure.
///
/// "Policy evaluation logic" of the IAM User Guide: an explicit deny anywhere wins; then every service control policy
/// level, the session policy where there is one, and the identity's policies must each allow.
package enum PolicyEvaluator {
  package struct Request: Sendable {
    /// `ec2:DescribeImages`
    package var action: String
    /// An ARN, or `*` for an action without resources.
    package var resource: String
    /// By key in lower case.
    package var context: [String: [String]]

    package init(action: String, resource: String, context: [String: [String]] = [:]) {
      self.action = action
      self.resource = resource
      self.context = context
    }
  }

  package enum Answer: Sendable { case allow, deny, silent }

  /// Who asks, for trust policies.
  package struct Asker: Sendable {
    package var account: String
    /// The ARNs by which a statement can name the asker: the user's; or the role's and the session's.
    package var arns: [String]

    package init(account: String, arns: [String]) {
      self.account = account
      self.arns = arns
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
    for statement in policies.lazy.flatMap(\.statements) where statement.applies(to: request) {
      if statement.effect == .deny { return .deny }
      answer = .allow
    }
    return answer
  }

  package static func answer(ofTrust policy: Policy, to request: Request, by asker: Asker) -> TrustAnswer {
    var answer = TrustAnswer.silent
    for statement in policy.statements where statement.applies(to: request) {
      let match = statement.match(asker)
      if statement.effect == .deny {
        if match != nil || statement.isUnsupported { return .deny }
        continue
      }
      switch match {
      case .account?: if case .silent = answer { answer = .delegates }
      case .itself?: answer = .allows
      case nil: break
      }
    }
    return answer
  }

  package struct Policies: Sendable {
    package var identity: [Policy]
    /// nil: no session policy.
    package var session: [Policy]?
    /// From the root down to the account; empty: none apply.
    package var serviceControl: [[Policy]]

    package init(identity: [Policy], session: [Policy]? = nil, serviceControl: [[Policy]] = []) {
      self.identity = identity
      self.session = session
      self.serviceControl = serviceControl
    }
  }

  package enum Decision: Sendable, Equatable {
    case allowed
    /// The end of AWS's sentence.
    case denied(because: String)

    package var isAllowed: Bool { self == .allowed }
  }

  package static func decide(_ request: Request, policies: Policies) -> Decision {
    let levels = policies.serviceControl.map { answer(of: $0, to: request) }
    let identity = answer(of: policies.identity, to: request)
    let session = policies.session.map { answer(of: $0, to: request) }
    if levels.contains(.deny) { return .denied(because: "with an explicit deny in a service control policy") }
    if identity == .deny { return .denied(because: "with an explicit deny in an identity-based policy") }
    if session == .deny { return .denied(because: "with an explicit deny in a session policy") }
    let missing: (String) -> Decision = { .denied(because: "because no \($0) allows the \(request.action) action") }
    if !levels.allSatisfy({ $0 == .allow }) { return missing("service control policy") }
    if identity != .allow { return missing("identity-based policy") }
    if session == .silent { return missing("session policy") }
    return .allowed
  }
}

extension Policy.Statement {
  fileprivate enum Match { case account, itself }

  fileprivate var isUnsupported: Bool {
    if case .unsupported = principals { return true }
    return false
  }

  /// Action, resource and conditions; what cannot be told counts against the caller.
  fileprivate func applies(to request: PolicyEvaluator.Request) -> Bool {
    let action = actions.patterns.contains { Wildcard.matches($0, request.action, ignoringCase: true) }
    guard action != actions.isNegated else { return false }
    if let resources {
      var matches = false
      for pattern in resources.patterns {
        guard let pattern = PolicyVariable.replaced(in: pattern, context: request.context) else {
          if effect == .deny { return true }
          continue
        }
        // An action without resources is granted only by "*".
        matches = matches || Wildcard.matches(pattern, request.resource)
      }
      guard matches != resources.isNegated else { return false }
    }
    let outcomes = conditions.map { $0.outcome(in: request.context) }
    if outcomes.contains(.fails) { return false }
    return !outcomes.contains(.unknown) || effect == .deny
  }

  fileprivate func match(_ asker: PolicyEvaluator.Asker) -> Match? {
    switch principals {
    case .none, .unsupported: return nil
    case .everyone: return .account
    case .some(let list):
      if list.contains(where: { principal in
        if case .arn(let arn) = principal { return asker.arns.contains(arn) }
        return false
      }) {
        return .itself
      }
      return list.contains(.account(asker.account)) ? .account : nil
    }
  }
}
