import Governance

// A caller as the world has it: with the policies that bind it at this moment.
extension Caller {
  convenience init(
    _ user: WorldUser, of account: WorldAccount, in world: World, accessKeyID: String, session: Session? = nil,
    invokedBy: String? = nil
  ) {
    let arn = world.iamARN(account: account.id, user.isRoot ? "root" : "user\(user.path)\(user.name)")
    self.init(
      account: account.id, kind: user.isRoot ? .root : .user, arn: arn, userID: world.userID(user, in: account.id),
      principalARN: arn, accessKeyID: accessKeyID, identityPolicies: world.policies(of: user, in: account),
      boundary: world.boundary(of: user.permissions, in: account), tags: user.tags, session: session,
      invokedBy: invokedBy)
  }

  convenience init(
    _ role: WorldRole, session name: String, of account: WorldAccount, in world: World, accessKeyID: String,
    session: Session? = nil, invokedBy: String? = nil
  ) {
    self.init(
      account: account.id, kind: .roleSession,
      arn: "arn:\(world.partition.rawValue):sts::\(account.id):assumed-role/\(role.name)/\(name)",
      userID: "\(world.roleID(role, in: account.id)):\(name)",
      principalARN: world.iamARN(account: account.id, "role\(role.path)\(role.name)"), accessKeyID: accessKeyID,
      identityPolicies: world.policies(of: role.permissions, in: account),
      boundary: world.boundary(of: role.permissions, in: account), sessionPolicies: session?.policies,
      tags: session.map { TagOperations.merged(role.tags, with: $0.tags) } ?? role.tags, session: session,
      invokedBy: invokedBy)
  }
}
