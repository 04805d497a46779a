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
    PolicyEvaluator.decide(request(action: action, target: target), policies: policies)
  }

  func request(action: String, target: Target) -> PolicyEvaluator.Request {
    let keys = AuthorizationKeys(world: world, call: call)
    return PolicyEvaluator.Request(
      action: action, resource: target.resource,
      context: PolicyContext(target.context) { key in keys.values(of: key) })
  }

  var policies: PolicyEvaluator.Policies { Self.policies(of: call.caller, in: world) }

  static func policies(of caller: Caller, in world: World) -> PolicyEvaluator.Policies {
    PolicyEvaluator.Policies(
      identity: caller.kind == .root ? [Policy.administrator] : caller.identityPolicies, boundary: caller.boundary,
      session: caller.sessionPolicies, serviceControl: world.serviceControl(ofAccount: caller.account))
  }
}

/// The global condition keys of a call, each worked out when a policy asks for it.
struct AuthorizationKeys: Sendable {
  var world: World
  var call: Call

  /// nil: absent. By key in lower case.
  func values(of key: String) -> [String]? {
    let caller = call.caller
    switch key {
    case "aws:principalarn": return [caller.principalARN]
    case "aws:principalaccount": return [caller.account]
    case "aws:userid": return [caller.userID]
    case "aws:username": return caller.kind == .user ? [String(caller.arn.split(separator: "/").last ?? "")] : nil
    case "aws:principaltype": return [caller.principalType]
    case "aws:requestedregion", "ec2:region": return [call.region]
    case "aws:currenttime": return [call.now.iso8601]
    case "aws:epochtime": return ["\(call.now.seconds)"]
    // "The request was made over TLS": what stands in front of a simulator is no part of what it simulates.
    case "aws:securetransport": return ["true"]
    case "aws:sourceip": return caller.invokedBy == nil ? [call.sourceAddress] : nil
    case "aws:useragent": return call.userAgent.isEmpty ? nil : [call.userAgent]
    case "aws:viaawsservice": return [caller.invokedBy == nil ? "false" : "true"]
    case "aws:calledvia", "aws:calledviafirst", "aws:calledvialast": return caller.invokedBy.map { [$0] }
    case "aws:principalisawsservice": return ["false"]
    // "The key is not present in requests with long-term credentials."
    case "aws:multifactorauthpresent": return caller.session == nil ? nil : ["false"]
    case "aws:tokenissuetime": return caller.session.map { [$0.issued.iso8601] }
    case "aws:sourceidentity": return caller.session?.sourceIdentity.map { [$0] }
    case "aws:federatedprovider": return caller.session?.provider.map { [$0] }
    default:
      if key.hasPrefix("aws:principaltag/") {
        let name = key.dropFirst("aws:principaltag/".count)
        return caller.tags.first { $0.key.lowercased() == name }.map { [$0.value] }
      }
      return key.hasPrefix("aws:principalorg") ? organizationValues(of: key) : nil
    }
  }

  private func organizationValues(of key: String) -> [String]? {
    guard let organization = world.organization(ofAccount: call.caller.account) else { return nil }
    switch key {
    case "aws:principalorgid": return [organization.id]
    case "aws:principalorgpaths": return [world.path(ofAccount: call.caller.account)]
    case "aws:principalorgmasteraccountid": return [organization.managementAccount]
    default: return nil
    }
  }
}
