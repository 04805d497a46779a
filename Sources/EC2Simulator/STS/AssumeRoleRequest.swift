import AWSWire
import Governance

/// The parameters of AssumeRole, and AWS's rules for them.
struct AssumeRoleRequest {
  var role: ARN
  var roleText: String
  var sessionName: String
  var duration: Int
  var externalID: String?
  var policyText: String?
  var policy: Policy?
  var tags: [Tag]
  var sourceIdentity: String?

  init(_ call: Call) throws(ServiceError) {
    roleText = try call.required("RoleArn")
    sessionName = try call.required("RoleSessionName")
    duration = call.integer("DurationSeconds") ?? 3_600
    externalID = call.text("ExternalId")
    policyText = call.text("Policy")
    sourceIdentity = call.text("SourceIdentity")
    tags = call.list("Tags").map { Tag(key: $0["Key"]?.string ?? "", value: $0["Value"]?.string ?? "") }
    guard let arn = ARN(roleText) else { throw .sts("ValidationError", "\(roleText) is invalid") }
    role = arn
    try checkSchema()
    guard arn.service == "iam", arn.resource.hasPrefix("role/"), Account.isID(arn.account) else {
      throw .sts("ValidationError", "\(roleText) is invalid")
    }
    guard call.list("PolicyArns").isEmpty else {
      throw .sts("ValidationError", "PolicyArns are not simulated: give the session policy as Policy")
    }
    guard let policyText else { return }
    do {
      policy = try Policy(json: policyText, kind: .session)
    } catch {
      throw .sts("MalformedPolicyDocument", "Syntax errors in policy: \(error.description)")
    }
  }

  private func checkSchema() throws(ServiceError) {
    try check(sessionName, "roleSessionName", 2...64, "[\\w+=,.@-]*") { Self.isWord($0) || "+=,.@-".contains($0) }
    if let externalID {
      try check(externalID, "externalId", 2...1_224, "[\\w+=,.@:\\/-]*") { Self.isWord($0) || "+=,.@:/-".contains($0) }
    }
    if let sourceIdentity {
      try check(sourceIdentity, "sourceIdentity", 2...64, "[\\w+=,.@-]*") { Self.isWord($0) || "+=,.@-".contains($0) }
    }
    if let policyText { try check(policyText, "policy", 1...2_048, "") { _ in true } }
    guard roleText.utf8.count >= 20 else {
      throw constraint(roleText, "roleArn", "Member must have length greater than or equal to 20")
    }
    guard duration >= 900 else {
      throw constraint("\(duration)", "durationSeconds", "Member must have value greater than or equal to 900")
    }
    guard duration <= 43_200 else {
      throw constraint("\(duration)", "durationSeconds", "Member must have value less than or equal to 43200")
    }
    guard tags.count <= 50 else {
      throw constraint("[\(tags.count) tags]", "tags", "Member must have length less than or equal to 50")
    }
    for tag in tags where tag.key.isEmpty || tag.key.count > 128 || tag.value.count > 256 {
      throw .sts("ValidationError", "Tag keys have 1 to 128 characters, tag values at most 256")
    }
  }

  private static func isWord(_ character: Character) -> Bool {
    character == "_" || (character.isASCII && (character.isLetter || character.isNumber))
  }

  private func check(
    _ text: String, _ member: String, _ length: ClosedRange<Int>, _ pattern: String, _ allowed: (Character) -> Bool
  ) throws(ServiceError) {
    guard text.count >= length.lowerBound else {
      throw constraint(text, member, "Member must have length greater than or equal to \(length.lowerBound)")
    }
    guard text.count <= length.upperBound else {
      throw constraint(text, member, "Member must have length less than or equal to \(length.upperBound)")
    }
    guard text.allSatisfy(allowed) else {
      throw constraint(text, member, "Member must satisfy regular expression pattern: \(pattern)")
    }
  }

  private func constraint(_ value: String, _ member: String, _ text: String) -> ServiceError {
    .sts(
      "ValidationError",
      "1 validation error detected: Value '\(value)' at '\(member)' failed to satisfy constraint: \(text)")
  }

  /// The role, if the caller may assume it. One that is not there and one that may not be assumed get the same answer.
  func assumableRole(_ call: Call, in world: World) throws(ServiceError) -> WorldRole {
    let authorizer = Authorizer(world: world, call: call)
    var target = Authorizer.Target(resource: roleText)
    target.context["sts:rolesessionname"] = [sessionName]
    if let externalID { target.context["sts:externalid"] = [externalID] }
    for tag in tags { target.context["aws:requesttag/\(tag.key.lowercased())"] = [tag.value] }
    if !tags.isEmpty { target.context["aws:tagkeys"] = tags.map(\.key) }
    let denial = authorizer.denial(action: "sts:AssumeRole", target: target, because: "", requestID: "")
    let name = role.resource.split(separator: "/").last.map(String.init) ?? ""
    guard role.partition == world.partition.rawValue, let account = world.account(role.account), account.isUsable,
      let found = account.role(named: name), "role\(found.path)\(found.name)" == role.resource
    else { throw denial }
    for action in tags.isEmpty ? ["sts:AssumeRole"] : ["sts:AssumeRole", "sts:TagSession"] {
      guard isAllowed(action, target, role: found, authorizer) else { throw denial }
    }
    return found
  }

  /// "Cross-account policy evaluation logic": the trust policy must allow, and so must the caller's own policies, unless
  /// the trust policy names a caller of the same account itself.
  private func isAllowed(_ action: String, _ target: Authorizer.Target, role: WorldRole, _ authorizer: Authorizer)
    -> Bool
  {
    let caller = authorizer.call.caller
    let request = PolicyEvaluator.Request(
      action: action, resource: target.resource, context: authorizer.context.merging(target.context) { $1 })
    let own = authorizer.decision(action: action, target: target)
    switch PolicyEvaluator.answer(ofTrust: role.trust, to: request, by: caller.asker) {
    case .deny, .silent: return false
    case .delegates: return own.isAllowed
    case .allows:
      if own.isAllowed { return true }
      guard caller.account == self.role.account else { return false }
      // Named itself: it needs no policy of its own, but a session policy or an explicit deny still binds.
      var policies = authorizer.policies
      policies.identity.append(.administrator)
      return PolicyEvaluator.decide(request, policies: policies).isAllowed
    }
  }

  /// After the schema: the role's maximum, then the limit of chains.
  func checkDuration(role: WorldRole, caller: Caller) throws(ServiceError) {
    guard Duration.seconds(duration) <= role.maximumSession else {
      throw .sts(
        "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    }
    guard caller.kind != .roleSession || duration <= 3_600 else {
      throw .sts(
        "ValidationError",
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
    }
  }
}
