import AWSWire
import Governance

/// A call of Organizations with the caller's organization, and how its things are found.
struct OrganizationContext {
  var call: Call
  var world: World
  var organization: WorldOrganization

  init(_ call: Call, _ world: World) throws(ServiceError) {
    guard let organization = world.organization(ofAccount: call.caller.account) else {
      throw .organizations(
        "AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
    }
    self.call = call
    self.world = world
    self.organization = organization
  }

  var isManagement: Bool { organization.managementAccount == call.caller.account }

  /// "This operation can be called only from the management account or by a delegated administrator", or by whom the
  /// organization's resource policy names.
  func requireReader() throws(ServiceError) {
    let isDelegate = organization.delegates.contains { $0.account == call.caller.account }
    guard isManagement || isDelegate || isLetInByPolicy else { throw .organizationsDenied }
  }

  func requireManagement(orPolicy: Bool = false) throws(ServiceError) {
    guard isManagement || (orPolicy && isLetInByPolicy) else { throw .organizationsDenied }
  }

  private var isLetInByPolicy: Bool {
    guard let text = organization.resourcePolicy, let policy = try? Policy(json: text, kind: .resource) else {
      return false
    }
    let authorizer = Authorizer(world: world, call: call)
    return OrganizationTargets.targets(call, world).allSatisfy { target in
      let request = authorizer.request(action: "organizations:\(call.operation)", target: target)
      switch PolicyEvaluator.answer(ofTrust: policy, to: request, by: call.caller.asker) {
      case .delegates, .allows: return true
      case .deny, .silent: return false
      }
    }
  }

  func arn(_ resource: String) -> String { world.organizationARN(organization, resource) }

  /// One page of things that are known by sorted ids.
  func list(_ member: String, _ ids: [String], _ print: (String) -> Document?) throws(ServiceError) -> Document {
    let page = try Page.organizations(call).cut(ids)
    return Document(entries: [
      (member, Document(page.ids.compactMap(print))), ("NextToken", page.next.map { Document($0) }),
    ])
  }

  // MARK: Finding

  func isMember(_ id: String) -> Bool { world.account(id)?.organization == organization.id }

  func account(_ parameter: String = "AccountId") throws(ServiceError) -> WorldAccount {
    let id = try call.required(parameter)
    guard let account = world.account(id), account.organization == organization.id else { throw .noAccount }
    return account
  }

  func isContainer(_ id: String) -> Bool { id == organization.root || organization.unit(id) != nil }

  /// A root or a unit.
  func container(_ parameter: String = "ParentId", orElse error: ServiceError = .noParent) throws(ServiceError)
    -> String
  {
    let id = try call.required(parameter)
    guard isContainer(id) else { throw error }
    return id
  }

  func unit() throws(ServiceError) -> WorldUnit {
    guard let unit = organization.unit(try call.required("OrganizationalUnitId")) else { throw .noUnit }
    return unit
  }

  /// A root, a unit or an account.
  func target(_ parameter: String = "TargetId") throws(ServiceError) -> String {
    let id = try call.required(parameter)
    guard isContainer(id) || isMember(id) else { throw .noTarget }
    return id
  }

  func units(in parent: String) -> [String] { organization.units.filter { $0.parent == parent }.map(\.id).sorted() }

  func accounts(in parent: String) -> [String] { world.accountsByParent[parent] ?? [] }
}

/// The ARNs that a call of Organizations is authorized on: of everything that it names by id.
enum OrganizationTargets {
  private static let parameters = [
    "AccountId", "OrganizationalUnitId", "ParentId", "PolicyId", "TargetId", "RootId", "ResourceId", "ChildId",
    "SourceParentId", "DestinationParentId",
  ]

  static let targets: @Sendable (Call, World) -> [Authorizer.Target] = { call, world in
    var context: [String: [String]] = [:]
    if let service = call.text("ServicePrincipal") { context["organizations:serviceprincipal"] = [service] }
    let organization = world.organization(ofAccount: call.caller.account)
    let named = call.text("PolicyId").flatMap { id in organization?.policies.first { $0.id == id }?.kind.rawValue }
    if let type = call.text("PolicyType") ?? call.text("Type") ?? call.text("Filter") ?? named {
      context["organizations:policytype"] = [type]
    }
    let arns = Set(parameters.compactMap { call.text($0) }.compactMap { id in organization.map { arn(id, $0, world) } })
    guard !arns.isEmpty else { return [Authorizer.Target(context: context)] }
    return arns.sorted().map { Authorizer.Target(resource: $0, context: context) }
  }

  static func arn(_ id: String, _ organization: WorldOrganization, _ world: World) -> String {
    if let policy = organization.policies.first(where: { $0.id == id }) {
      return world.arn(of: policy, in: organization)
    }
    if let builtIn = OrganizationPolicies.builtInARN(id, world) { return builtIn }
    let kind = id.hasPrefix("r-") ? "root" : id.hasPrefix("ou-") ? "ou" : id.hasPrefix("p-") ? "policy" : "account"
    return world.organizationARN(organization, "\(kind)/\(organization.id)/\(id)")
  }
}
