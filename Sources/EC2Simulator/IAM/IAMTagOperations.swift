import AWSWire
import Governance

/// Tags of roles, users and managed policies.
enum IAMTagOperations {
  private enum Kind: String, CaseIterable, Sendable {
    case role = "Role"
    case user = "User"
    case policy = "Policy"

    var targets: @Sendable (Call, World) -> [Authorizer.Target] {
      switch self {
      case .role: IAMTargets.role
      case .user: IAMTargets.user
      case .policy: IAMTargets.policy
      }
    }

    func tags(_ context: IAMContext) throws(ServiceError) -> [Tag] {
      switch self {
      case .role: try context.role().tags
      case .user: try context.user().tags
      case .policy: try context.ownPolicy().tags
      }
    }

    func put(_ tags: [Tag], _ context: IAMContext, in account: inout WorldAccount) throws(ServiceError) {
      switch self {
      case .role:
        var role = try context.role()
        role.tags = tags
        RoleOperations.put(role, in: &account)
      case .user:
        var user = try context.user()
        user.tags = tags
        UserOperations.put(user, in: &account)
      case .policy:
        var policy = try context.ownPolicy()
        policy.tags = tags
        ManagedPolicyOperations.put(policy, in: &account)
      }
    }
  }

  static let entries: [OperationEntry] = Kind.allCases.flatMap { kind in
    [
      .iamChange("Tag\(kind.rawValue)", kind.targets) { context, account, _ throws(ServiceError) in
        try kind.put(try context.tags(over: try kind.tags(context)), context, in: &account)
        return .emptyObject
      },
      .iamChange("Untag\(kind.rawValue)", kind.targets) { context, account, _ throws(ServiceError) in
        let keys = Set(context.call.texts("TagKeys").map { $0.lowercased() })
        try kind.put(try kind.tags(context).filter { !keys.contains($0.key.lowercased()) }, context, in: &account)
        return .emptyObject
      },
      .iamRead("List\(kind.rawValue)Tags", kind.targets) { context throws(ServiceError) in
        let tags = try kind.tags(context)
        return try context.list("Tags", tags.map(\.key)) { key in
          tags.first { $0.key == key }.map { ["Key": Document($0.key), "Value": Document($0.value)] }
        }
      },
    ]
  }
}
