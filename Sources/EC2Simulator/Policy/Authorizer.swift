import AWSWire
import Governance

/// Is a caller allowed to do this here? Gathers the policies and the context that the evaluator needs.
struct Authorizer {
  /// What one call touches.
  struct Target: Sendable {
    var resource = "*"
    var context: [String: [String]] = [:]
    /// Where it is another than the operation's own.
    var action: String?
  }

  var world: World
  var call: Call

  init(world: World, call: Call) {
    self.world = world
    self.call = call
  }

  func decision(action: String, target: Target) -> PolicyEvaluator.Decision {
    PolicyEvaluator.decide(
      PolicyEvaluator.Request(
        action: action, resource: target.resource, context: context.merging(target.context) { $1 }),
      policies: policies)
  }

  var policies: PolicyEvaluator.Policies {
    let caller = call.caller
    let identity = caller.kind == .root ? [Policy.administrator] : caller.identityPolicies
    return PolicyEvaluator.Policies(
      identity: identity, session: caller.sessionPolicies, serviceControl: Self.levels(account: caller.account, world))
  }

  /// Service control policies bind member accounts, never the management account.
  private static func levels(account: String, _ world: World) -> [[Policy]] {
    guard let organization = world.organization(ofAccount: account), organization.managementAccount != account,
      !organization.policies.isEmpty || !organization.withoutFullAccess.isEmpty
    else { return [] }
    return (world.ancestors(ofAccount: account) + [account]).map { target in
      let full = organization.withoutFullAccess.contains(target) ? [] : [Policy.administrator]
      return full + organization.policies.filter { $0.targets.contains(target) }.map(\.policy)
    }
  }

  var context: [String: [String]] {
    let caller = call.caller
    var context: [String: [String]] = [
      "aws:principalarn": [caller.principalARN], "aws:principalaccount": [caller.account],
      "aws:userid": [caller.userID], "aws:requestedregion": [call.region], "aws:currenttime": [call.now.iso8601],
      "aws:epochtime": ["\(call.now.seconds)"], "aws:viaawsservice": ["false"], "aws:principalisawsservice": ["false"],
      "aws:principaltype": [caller.kind == .root ? "Account" : caller.kind == .user ? "User" : "AssumedRole"],
    ]
    if caller.kind == .user { context["aws:username"] = [String(caller.arn.split(separator: "/").last ?? "")] }
    if call.service == "ec2" { context["ec2:region"] = [call.region] }
    if let organization = world.organization(ofAccount: caller.account) {
      context["aws:principalorgid"] = [organization.id]
      context["aws:principalorgpaths"] = [world.path(ofAccount: caller.account)]
      context["aws:principalorgmasteraccountid"] = [organization.managementAccount]
    }
    for tag in caller.tags { context["aws:principaltag/\(tag.key.lowercased())"] = [tag.value] }
    return context
  }

  /// The error of a call that is denied, in the words of its service.
  func denial(action: String, target: Target, because reason: String, requestID: String) -> ServiceError {
    let who = "User: \(call.caller.arn) is not authorized to perform: \(action)"
    switch call.service {
    case "ec2":
      let place = target.resource == "*" ? "" : " on resource: \(target.resource)"
      // AWS encrypts the blob; only its owner may decode it. Here it is a name for this denial and carries nothing.
      let blob = target.resource == "*" ? "" : " Encoded authorization failure message: \(encoded(requestID))"
      let end = target.resource == "*" ? "" : "."
      return .ec2(
        "UnauthorizedOperation",
        "You are not authorized to perform this operation. \(who)\(place) \(reason)\(end)\(blob)", status: 403)
    case "organizations":
      return .organizations("AccessDeniedException", "\(who) on resource: \(target.resource) \(reason)")
    default:
      return .sts("AccessDenied", "\(who) on resource: \(target.resource)", status: 403)
    }
  }

  private func encoded(_ requestID: String) -> String {
    requestID.filter { $0 != "-" } + "-" + call.operation
  }
}
