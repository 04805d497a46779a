import AWSWire
import Governance

/// IAM's things as they are printed. Policies are percent-encoded, as RFC 3986 has it.
extension IAMContext {
  func encoded(_ policy: Policy) -> Document { Document(PercentEncoding.encode(policy.document.json)) }

  static func tags(_ tags: [Tag]) -> Document? {
    tags.isEmpty ? nil : Document(tags.map { ["Key": Document($0.key), "Value": Document($0.value)] })
  }

  private func date(_ time: Timestamp?) -> Document { Document((time ?? account.joined).iso8601) }

  private func boundary(_ permissions: WorldPermissions) -> Document? {
    permissions.boundary.map { ["PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": Document($0)] }
  }

  /// Listings leave tags, boundary and last use out.
  func document(_ role: WorldRole, inList: Bool = false) -> Document {
    Document(entries: [
      ("Path", Document(role.path)), ("RoleName", Document(role.name)),
      ("RoleId", Document(world.roleID(role, in: account.id))), ("Arn", Document(arn("role\(role.path)\(role.name)"))),
      ("CreateDate", date(role.created)), ("AssumeRolePolicyDocument", encoded(role.trust)),
      ("Description", role.description.map { Document($0) }),
      ("MaxSessionDuration", Document(Int(role.maximumSession.nanoseconds / 1_000_000_000))),
      ("PermissionsBoundary", inList ? nil : boundary(role.permissions)), ("Tags", inList ? nil : Self.tags(role.tags)),
      ("RoleLastUsed", inList ? nil : .emptyObject),
    ])
  }

  func document(_ user: WorldUser, inList: Bool = false) -> Document {
    let resource = user.isRoot ? "root" : "user\(user.path)\(user.name)"
    return Document(entries: [
      ("Path", Document(user.path)), ("UserName", Document(user.isRoot ? "root" : user.name)),
      ("UserId", Document(world.userID(user, in: account.id))), ("Arn", Document(arn(resource))),
      ("CreateDate", date(user.created)),
      ("PermissionsBoundary", inList ? nil : boundary(user.permissions)), ("Tags", inList ? nil : Self.tags(user.tags)),
    ])
  }

  func document(_ group: WorldGroup) -> Document {
    let arn = arn("group\(group.path)\(group.name)")
    return [
      "Path": Document(group.path), "GroupName": Document(group.name),
      "GroupId": Document(World.uniqueID("AGPA", of: arn)),
      "Arn": Document(arn), "CreateDate": date(nil),
    ]
  }

  func document(_ policy: WorldManagedPolicy, inList: Bool = false) -> Document {
    let arn = arn("policy\(policy.path)\(policy.name)")
    return Document(entries: [
      ("PolicyName", Document(policy.name)), ("PolicyId", Document(policy.id ?? World.uniqueID("ANPA", of: arn))),
      ("Arn", Document(arn)), ("Path", Document(policy.path)), ("DefaultVersionId", Document(policy.defaultVersion)),
      ("AttachmentCount", Document(attachments(of: arn).count)),
      ("PermissionsBoundaryUsageCount", Document(boundaryUses(of: arn))), ("IsAttachable", true),
      ("Description", inList ? nil : policy.description.map { Document($0) }), ("CreateDate", date(policy.created)),
      ("UpdateDate", date(policy.updated ?? policy.created)), ("Tags", inList ? nil : Self.tags(policy.tags)),
    ])
  }

  func document(_ entry: ManagedPolicyCatalog.Entry) -> Document {
    let arn = ManagedPolicyCatalog.arn(entry.name, partition: world.partition)
    return [
      "PolicyName": Document(entry.name), "PolicyId": Document(World.uniqueID("ANPA", of: arn)), "Arn": Document(arn),
      "Path": Document(entry.path), "DefaultVersionId": Document(entry.version),
      "AttachmentCount": Document(attachments(of: arn).count),
      "PermissionsBoundaryUsageCount": Document(boundaryUses(of: arn)), "IsAttachable": true,
      "CreateDate": Document(entry.created), "UpdateDate": Document(entry.created),
    ]
  }

  func document(_ version: WorldManagedPolicy.Version, of policy: WorldManagedPolicy, withDocument: Bool) -> Document {
    Document(entries: [
      ("Document", withDocument ? encoded(version.policy) : nil), ("VersionId", Document(version.id)),
      ("IsDefaultVersion", Document(version.id == policy.defaultVersion)),
      ("CreateDate", date(version.created ?? policy.created)),
    ])
  }

  /// The names of what a policy is attached to, by kind of principal.
  func attachments(of arn: String) -> [(principal: IAMPrincipal, name: String)] {
    IAMPrincipal.allCases.flatMap { principal in
      principal.all(in: account).filter { $0.permissions.attached.contains(arn) }.map { (principal, $0.name) }
    }
  }

  private func boundaryUses(of arn: String) -> Int {
    IAMPrincipal.allCases.flatMap { $0.all(in: account) }.count { $0.permissions.boundary == arn }
  }
}
