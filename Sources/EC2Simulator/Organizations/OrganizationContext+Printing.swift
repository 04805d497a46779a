import AWSWire
import Governance

// Organizations' things as they are printed.
extension OrganizationContext {
  var organizationDocument: Document {
    let management = organization.managementAccount
    return [
      "Id": Document(organization.id), "Arn": Document(world.arn(of: organization)), "FeatureSet": "ALL",
      "MasterAccountArn": Document(arn("account/\(organization.id)/\(management)")),
      "MasterAccountId": Document(management),
      "MasterAccountEmail": Document(world.account(management)?.email ?? ""),
      // "Do not use. This field is deprecated and doesn't provide complete information."
      "AvailablePolicyTypes": [["Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"]],
    ]
  }

  var rootDocument: Document {
    let types = organization.policyKinds.map(\.rawValue).sorted()
    return [
      "Id": Document(organization.root), "Arn": Document(arn("root/\(organization.id)/\(organization.root)")),
      "Name": "Root",
      "PolicyTypes": Document(types.map { ["Type": Document($0), "Status": "ENABLED"] }),
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
    ([organization.id] + organization.ancestors(ofUnit: unit) + [unit.id]).joined(separator: "/") + "/"
  }

  /// `ACCOUNT`, `ORGANIZATIONAL_UNIT`, `ROOT`
  func targetType(_ id: String) -> String {
    id == organization.root ? "ROOT" : organization.unit(id) != nil ? "ORGANIZATIONAL_UNIT" : "ACCOUNT"
  }

  func targetDocument(_ id: String) -> Document {
    let name = id == organization.root ? "Root" : organization.unit(id)?.name ?? world.account(id)?.name ?? ""
    return [
      "TargetId": Document(id), "Arn": Document(OrganizationTargets.arn(id, organization, world)),
      "Name": Document(name), "Type": Document(targetType(id)),
    ]
  }

  /// With its content for DescribePolicy.
  func policySummary(_ policy: WorldOrganizationPolicy) -> Document {
    [
      "Id": Document(policy.id), "Arn": Document(world.arn(of: policy, in: organization)),
      "Name": Document(policy.name), "Description": Document(policy.description),
      "Type": Document(policy.kind.rawValue), "AwsManaged": false,
    ]
  }
}

extension World {
  func arn(of policy: WorldOrganizationPolicy, in organization: WorldOrganization) -> String {
    organizationARN(organization, "policy/\(organization.id)/\(policy.kind.rawValue.lowercased())/\(policy.id)")
  }
}

extension WorldOrganization {
  /// From the root down to the unit's parent.
  func ancestors(ofUnit unit: WorldUnit) -> [String] {
    var steps: [String] = []
    var place = unit.parent
    // Bounded: no path is longer than the list.
    for _ in units {
      steps.append(place)
      guard let above = self.unit(place) else { break }
      place = above.parent
    }
    return steps.reversed()
  }
}
