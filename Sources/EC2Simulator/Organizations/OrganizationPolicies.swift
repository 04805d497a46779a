import AWSWire
import Governance

/// Finding policies and what they are attached to. AWS's own stand beside the organization's: FullAWSAccess on every target
/// from which it was not taken, RCPFullAWSAccess on all of them for good.
enum OrganizationPolicies {
  static let fullAccess = "p-FullAWSAccess"
  static let resourceFullAccess = "p-RCPFullAWSAccess"

  static func builtIn(_ kind: WorldOrganizationPolicy.Kind) -> String? {
    switch kind {
    case .serviceControl: fullAccess
    case .resourceControl: resourceFullAccess
    default: nil
    }
  }

  static func builtInARN(_ id: String, _ world: World) -> String? {
    let kind = [fullAccess: "service_control_policy", resourceFullAccess: "resource_control_policy"][id]
    return kind.map { "arn:\(world.partition.rawValue):organizations::aws:policy/\($0)/\(id)" }
  }

  static func builtInSummary(_ id: String, _ world: World) -> Document? {
    guard let arn = builtInARN(id, world) else { return nil }
    let isServiceControl = id == fullAccess
    return [
      "Id": Document(id), "Arn": Document(arn),
      "Name": Document(isServiceControl ? "FullAWSAccess" : "RCPFullAWSAccess"),
      "Description": Document(
        isServiceControl ? "Allows access to every operation" : "Allows access to every resource"),
      "Type": Document(isServiceControl ? "SERVICE_CONTROL_POLICY" : "RESOURCE_CONTROL_POLICY"), "AwsManaged": true,
    ]
  }

  static func builtInContent(_ id: String) -> String {
    id == fullAccess
      ? #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#
      : #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#
  }

  static func kind(_ call: Call, _ parameter: String) throws(ServiceError) -> WorldOrganizationPolicy.Kind {
    guard let kind = WorldOrganizationPolicy.Kind(rawValue: try call.required(parameter)) else {
      throw .invalidInput("You specified an invalid value.", reason: "INVALID_ENUM_POLICY_TYPE")
    }
    return kind
  }

  /// A policy that is the organization's own, for what changes it.
  static func own(_ context: OrganizationContext) throws(ServiceError) -> WorldOrganizationPolicy {
    let id = try context.call.required("PolicyId")
    if builtInARN(id, context.world) != nil {
      throw .invalidInput(
        "You specified a policy that is managed by AWS and can't be modified.", reason: "IMMUTABLE_POLICY")
    }
    guard let policy = context.organization.policies.first(where: { $0.id == id }) else { throw .noPolicy }
    return policy
  }

  /// Ids of the policies of a kind on a target, sorted.
  static func ids(of kind: WorldOrganizationPolicy.Kind, on target: String, _ context: OrganizationContext) -> [String]
  {
    let organization = context.organization
    // Without its type a policy is attached to nothing.
    guard organization.policyKinds.contains(kind) else { return [] }
    var ids = organization.policies(of: kind, on: target).map(\.id)
    if let builtIn = builtIn(kind), kind != .serviceControl || !organization.withoutFullAccess.contains(target) {
      ids.append(builtIn)
    }
    return ids.sorted()
  }

  static func targets(_ id: String, _ context: OrganizationContext) throws(ServiceError) -> [String] {
    let organization = context.organization
    if let policy = organization.policies.first(where: { $0.id == id }) { return policy.targets.sorted() }
    guard builtInARN(id, context.world) != nil else { throw .noPolicy }
    let all =
      [organization.root] + organization.units.map(\.id) + (context.world.accountsByOrganization[organization.id] ?? [])
    return all.filter { id != fullAccess || !organization.withoutFullAccess.contains($0) }.sorted()
  }

  static func summary(_ id: String, _ context: OrganizationContext) -> Document? {
    builtInSummary(id, context.world)
      ?? context.organization.policies.first { $0.id == id }.map(context.policySummary)
  }

  /// [doc] "Quotas for AWS Organizations": 5,120 characters of a service or resource control policy, 10,000 of the others.
  static func compiled(_ text: String, _ kind: WorldOrganizationPolicy.Kind) throws(ServiceError) -> (
    document: Document, policy: Policy?
  ) {
    guard text.count <= (kind.isManagement ? 10_000 : 5_120) else {
      throw .constraint(
        "POLICY_CONTENT_LIMIT_EXCEEDED", "You have exceeded the maximum number of characters for this type of policy.")
    }
    let malformed = ServiceError.organizations(
      "MalformedPolicyDocumentException",
      "The provided policy document does not meet the requirements of the specified policy type.")
    guard let document = try? Document(json: text) else { throw malformed }
    switch kind {
    case .serviceControl:
      guard let policy = try? Policy(document: document, kind: .serviceControl) else { throw malformed }
      return (document, policy)
    case .resourceControl:
      guard let policy = try? Policy(document: document, kind: .resource),
        policy.statements.allSatisfy({ $0.effect == .deny && $0.principals.list == [.everyone] })
      else { throw malformed }
      return (document, policy)
    default:
      guard DeclarativePolicy.problem(of: document, kind: kind) == nil else { throw malformed }
      return (document, nil)
    }
  }
}
