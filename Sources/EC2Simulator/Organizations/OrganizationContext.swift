import AWSWire
import Governance

/// A call of Organizations with the caller's organization, and how its things are printed.
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

  var isAdministrator: Bool {
    organization.managementAccount == call.caller.account
      || organization.delegates.contains { $0.account == call.caller.account }
  }

  func arn(_ resource: String) -> String { world.organizationARN(organization, resource) }

  /// One page of things that are known by sorted ids.
  func list(_ member: String, _ ids: [String], _ print: (String) -> Document?) throws(ServiceError) -> Document {
    let page = try Page.organizations(call).cut(ids)
    return Document(entries: [
      (member, Document(page.ids.compactMap(print))), ("NextToken", page.next.map { Document($0) }),
    ])
  }

  func parent() throws(ServiceError) -> String {
    let id = try call.required("ParentId")
    guard id == organization.root || organization.unit(id) != nil else {
      throw .organizations(
        "ParentNotFoundException", "You specified a parent that doesn't exist.")
    }
    return id
  }

  func units(in parent: String) -> [String] { organization.units.filter { $0.parent == parent }.map(\.id).sorted() }

  func children() throws(ServiceError) -> Document {
    let parent = try parent()
    let kind = try call.required("ChildType")
    let ids: [String]
    switch kind {
    case "ACCOUNT": ids = world.accountsByParent[parent] ?? []
    case "ORGANIZATIONAL_UNIT": ids = units(in: parent)
    default:
      throw .organizations("InvalidInputException", "You specified an invalid value: ChildType \(kind).")
    }
    return try list("Children", ids) { ["Id": Document($0), "Type": Document(kind)] }
  }

  func parents() throws(ServiceError) -> Document {
    let child = try call.required("ChildId")
    let account = world.account(child)
    let parent = account?.organization == organization.id ? account?.parent : organization.unit(child)?.parent
    guard let parent else {
      throw .organizations("ChildNotFoundException", "You specified a child that doesn't exist.")
    }
    let kind = parent == organization.root ? "ROOT" : "ORGANIZATIONAL_UNIT"
    return ["Parents": [["Id": Document(parent), "Type": Document(kind)]]]
  }

  func tags() throws(ServiceError) -> Document {
    let id = try call.required("ResourceId")
    if id == organization.root || organization.unit(id) != nil { return ["Tags": []] }
    guard let account = world.account(id), account.organization == organization.id else {
      throw .organizations("TargetNotFoundException", "You specified a target that doesn't exist.")
    }
    return ["Tags": Document(account.tags.map { ["Key": Document($0.key), "Value": Document($0.value)] })]
  }

  func delegates() throws(ServiceError) -> Document {
    let service = call.text("ServicePrincipal")
    let ids = organization.delegates.filter { delegate in
      service.map { name in delegate.services.contains { $0.principal == name } } ?? true
    }
    .map(\.account).sorted()
    return try list("DelegatedAdministrators", ids) { id in
      let since = organization.delegates.first { $0.account == id }?.since
      return accountDocument(id)?.setting("Paths", to: nil)
        .setting("DelegationEnabledDate", to: since.map { Document($0.iso8601) })
    }
  }
}

// MARK: As it is printed

extension OrganizationContext {
  var organizationDocument: Document {
    let management = organization.managementAccount
    return [
      "Id": Document(organization.id), "Arn": Document(world.arn(of: organization)), "FeatureSet": "ALL",
      "MasterAccountArn": Document(arn("account/\(organization.id)/\(management)")),
      "MasterAccountId": Document(management),
      "MasterAccountEmail": Document(world.account(management)?.email ?? ""),
      "AvailablePolicyTypes": [["Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"]],
    ]
  }

  func accountDocument(_ id: String) -> Document? {
    guard let account = world.account(id) else { return nil }
    // The old Status has three of the five states.
    let status = ["SUSPENDED": "SUSPENDED", "CLOSED": "SUSPENDED", "PENDING_CLOSURE": "PENDING_CLOSURE"]
    return [
      "Id": Document(id), "Arn": Document(arn("account/\(organization.id)/\(id)")),
      "Email": Document(account.email), "Name": Document(account.name),
      "Status": Document(status[account.state] ?? "ACTIVE"), "State": Document(account.state),
      "Paths": [Document(world.path(ofAccount: id) + id + "/")],
      "JoinedMethod": Document(account.joinedMethod), "JoinedTimestamp": Document(account.joined.iso8601),
    ]
  }

  func unitDocument(_ id: String) -> Document? {
    guard let unit = organization.unit(id) else { return nil }
    return [
      "Id": Document(id), "Arn": Document(world.arn(ofUnit: id, in: organization)), "Name": Document(unit.name),
      "Path": Document(path(ofUnit: unit)),
    ]
  }

  private func path(ofUnit unit: WorldUnit) -> String {
    var steps = [unit.id]
    var place = unit.parent
    for _ in organization.units {
      steps.append(place)
      guard let above = organization.unit(place) else { break }
      place = above.parent
    }
    return ([organization.id] + steps.reversed()).joined(separator: "/") + "/"
  }
}
