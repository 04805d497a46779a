import Governance

extension World {
  /// nil: there is no such policy, or it is another account's.
  func managedPolicy(arn: String, in account: WorldAccount) -> Policy? {
    if let own = account.policy(arn: arn) { return own.policy }
    return ManagedPolicyCatalog.entry(arn)?.policy
  }

  func policies(of permissions: WorldPermissions, in account: WorldAccount) -> [Policy] {
    permissions.inline.map(\.policy) + permissions.attached.compactMap { managedPolicy(arn: $0, in: account) }
  }

  /// Its own policies and those of its groups.
  func policies(of user: WorldUser, in account: WorldAccount) -> [Policy] {
    let groups = account.groups.filter { user.groups.contains($0.name) }
    return ([user.permissions] + groups.map(\.permissions)).flatMap { policies(of: $0, in: account) }
  }

  /// A boundary whose policy is gone allows nothing: "the policy must exist" is checked when it is set.
  func boundary(of permissions: WorldPermissions, in account: WorldAccount) -> Policy? {
    permissions.boundary.map { managedPolicy(arn: $0, in: account) ?? .nothing }
  }

  /// From the root down to the account. "SCPs don't affect users or roles in the management account."
  func serviceControl(ofAccount id: String) -> [[Policy]] {
    guard isBound(id, by: .serviceControl), let organization = organization(ofAccount: id),
      organization.has(.serviceControl) || !organization.withoutFullAccess.isEmpty
    else { return [] }
    return (ancestors(ofAccount: id) + [id]).map { organization.serviceControl(on: $0) }
  }

  /// Resource control policies bind what is in member accounts, whoever comes: of what is simulated, their roles.
  func resourceControl(ofAccount id: String) -> [Policy] {
    guard isBound(id, by: .resourceControl), let organization = organization(ofAccount: id),
      organization.has(.resourceControl)
    else { return [] }
    return (ancestors(ofAccount: id) + [id]).flatMap { target in
      organization.policies(of: .resourceControl, on: target).compactMap(\.policy)
    }
  }

  /// The account is a member of an organization that uses such policies. Looked at in place: an organization is much to
  /// copy for every call.
  private func isBound(_ account: String, by kind: WorldOrganizationPolicy.Kind) -> Bool {
    guard let id = accounts[account]?.organization, let position = organizations.firstIndex(where: { $0.id == id })
    else { return false }
    return organizations[position].managementAccount != account
      && organizations[position].policyKinds.contains(kind)
  }

  func userID(_ user: WorldUser, in account: String) -> String {
    user.isRoot
      ? account : user.id ?? Self.uniqueID("AIDA", of: iamARN(account: account, "user\(user.path)\(user.name)"))
  }

  func roleID(_ role: WorldRole, in account: String) -> String {
    role.id ?? Self.uniqueID("AROA", of: iamARN(account: account, "role\(role.path)\(role.name)"))
  }
}
