import AWSWire
import Governance

/// The parameters of AssumeRole, and AWS's rules for them.
struct AssumeRoleRequest {
  let session: SessionRequest
  private let call: Call
  private let externalID: String?
  private let given: [Tag]
  private let transitiveKeys: [String]
  private let wantedIdentity: String?

  init(_ call: Call) throws(ServiceError) {
    self.call = call
    session = try SessionRequest(call)
    externalID = call.text("ExternalId")
    wantedIdentity = call.text("SourceIdentity")
    given = call.list("Tags").map { Tag(key: $0["Key"]?.string ?? "", value: $0["Value"]?.string ?? "") }
    transitiveKeys = call.texts("TransitiveTagKeys")
    if let externalID { try STSConstraint.check(externalID, "externalId", 2...1_224, .externalID) }
    if let wantedIdentity { try STSConstraint.check(wantedIdentity, "sourceIdentity", 2...64, .name) }
    try checkTags()
    // [quote] No device is registered with anyone here.
    guard call.text("SerialNumber") == nil else {
      throw .sts(
        "AccessDenied",
        "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid "
          + "and associated with this user.", status: 403)
    }
  }

  private func checkTags() throws(ServiceError) {
    guard !given.isEmpty || !transitiveKeys.isEmpty else { return }
    guard given.count <= 50 else {
      throw STSConstraint.violation("[\(given.count) tags]", "tags", "less than or equal to 50", "length")
    }
    for (position, tag) in given.enumerated() {
      try STSConstraint.check(tag.key, "tags.\(position + 1).member.key", 1...128, .any)
      try STSConstraint.check(tag.value, "tags.\(position + 1).member.value", 0...256, .any)
      guard !tag.key.lowercased().hasPrefix("aws:") else {
        throw .sts("InvalidParameterValue", "Tag keys must not start with aws:")
      }
    }
    guard Set(given.map { $0.key.lowercased() }).count == given.count else {
      throw .sts(
        "InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    }
    let keys = Set(given.map { $0.key.lowercased() })
    guard transitiveKeys.allSatisfy({ keys.contains($0.lowercased()) }) else {
      throw .sts(
        "InvalidParameterValue", "The specified transitive tag key must be included in the requested tags.")
    }
    let inherited = Set(inheritedTags.map { $0.key.lowercased() })
    guard keys.isDisjoint(with: inherited) else {
      throw .sts(
        "InvalidParameterValue",
        "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the "
          + "calling session.")
    }
  }

  // MARK: What a chain hands on

  /// "Transitive tags persist during role chaining."
  private var inheritedTags: [Tag] {
    guard let caller = call.caller.session else { return [] }
    return caller.tags.filter { caller.transitiveTagKeys.contains($0.key) }
  }
  var tags: [Tag] { TagOperations.merged(inheritedTags, with: given) }
  var transitiveTagKeys: [String] {
    inheritedTags.map(\.key)
      + given.map(\.key).filter { key in
        transitiveKeys.contains { $0.lowercased() == key.lowercased() }
      }
  }
  /// "After the source identity is set, the value cannot be changed": it stays for the whole chain.
  var sourceIdentity: String? { call.caller.session?.sourceIdentity ?? wantedIdentity }

  // MARK: May it be assumed

  /// The role, if the caller may assume it. One that is not there and one that may not be assumed get the same answer.
  func assumableRole(in world: World) throws(ServiceError) -> (account: WorldAccount, role: WorldRole) {
    func denial() -> ServiceError {
      let target = Authorizer.Target(resource: session.roleText)
      return Authorizer(world: world, call: call)
        .denial(action: "sts:AssumeRole", target: target, because: "", requestID: "")
    }
    guard let found = session.foundRole(in: world) else { throw denial() }
    if let inherited = call.caller.session?.sourceIdentity, let wantedIdentity, wantedIdentity != inherited {
      throw denial()
    }
    let bounds = Bounds(
      caller: Authorizer.policies(of: call.caller, in: world), trust: found.role.trust,
      resourceControl: world.resourceControl(ofAccount: session.role.account))
    guard isAllowed("sts:AssumeRole", found.role, bounds, world) else { throw denial() }
    if !tags.isEmpty {
      guard isAllowed("sts:TagSession", found.role, bounds, world) else { throw denial() }
    }
    if sourceIdentity != nil {
      guard isAllowed("sts:SetSourceIdentity", found.role, bounds, world) else { throw denial() }
    }
    return found
  }

  /// All that has a say.
  private struct Bounds {
    var caller: PolicyEvaluator.Policies
    var trust: Policy
    var resourceControl: [Policy]

    var arePlain: Bool { caller.arePlain && trust.isPlain && resourceControl.allSatisfy(\.isPlain) }
  }

  /// With a context only where a policy asks for it.
  private func request(_ action: String, _ role: WorldRole, _ bounds: Bounds, _ world: World)
    -> PolicyEvaluator.Request
  {
    if bounds.arePlain { return .plain(action: action, resource: session.roleText) }
    var target = Authorizer.Target(resource: session.roleText, context: context)
    target.context["aws:resourceaccount"] = [session.role.account]
    for tag in role.tags {
      target.context["aws:resourcetag/\(tag.key.lowercased())"] = [tag.value]
      target.context["iam:resourcetag/\(tag.key.lowercased())"] = [tag.value]
    }
    return Authorizer(world: world, call: call).request(action: action, target: target)
  }

  private var context: [String: [String]] {
    var context = [
      "sts:rolesessionname": [session.sessionName], "sts:durationseconds": ["\(session.duration)"],
    ]
    if let externalID { context["sts:externalid"] = [externalID] }
    if let sourceIdentity { context["sts:sourceidentity"] = [sourceIdentity] }
    for tag in tags { context["aws:requesttag/\(tag.key.lowercased())"] = [tag.value] }
    if !tags.isEmpty { context["aws:tagkeys"] = tags.map(\.key) }
    if !transitiveTagKeys.isEmpty { context["sts:transitivetagkeys"] = transitiveTagKeys }
    return context
  }

  /// "Cross-account policy evaluation logic": the trust policy must allow, and so must the caller's own policies, unless
  /// the trust policy names a caller of the same account itself.
  private func isAllowed(_ action: String, _ role: WorldRole, _ bounds: Bounds, _ world: World) -> Bool {
    let caller = call.caller
    let request = request(action, role, bounds, world)
    let trust = PolicyEvaluator.answer(ofTrust: bounds.trust, to: request, by: caller.asker)
    switch trust {
    case .deny, .silent: return false
    case .delegates, .allows: break
    }
    for policy in bounds.resourceControl {
      if case .deny = PolicyEvaluator.answer(ofTrust: policy, to: request, by: caller.asker) { return false }
    }
    if PolicyEvaluator.decide(request, policies: bounds.caller).isAllowed { return true }
    guard case .allows = trust, caller.account == session.role.account else { return false }
    // Named itself: it needs no policy of its own, but a session policy or an explicit deny still binds.
    var policies = bounds.caller
    policies.identity.append(.administrator)
    return PolicyEvaluator.decide(request, policies: policies).isAllowed
  }
}
