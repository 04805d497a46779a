import AWSWire
import Governance

/// Roles.
enum RoleOperations {
  static let entries: [OperationEntry] = [
    .iamChange(
      "CreateRole", IAMTargets.role, notes: ["A new role can be assumed at once; AWS takes a few seconds."]
    ) { context, account, state throws(ServiceError) in
      let name = try context.newName("RoleName", limit: 64)
      // "Role names are not distinguished by case."
      guard !account.roles.contains(where: { $0.name.lowercased() == name.lowercased() }) else {
        throw .exists("Role with name \(name) already exists.")
      }
      var role = WorldRole(
        name: name, path: try context.path(), trust: try context.trustPolicy("AssumeRolePolicyDocument"))
      role.id = "AROA" + state.newText("role-id", length: 17, alphabet: SimulatorState.keyAlphabet)
      role.created = context.call.now
      role.description = context.call.text("Description")
      role.maximumSession = try maximumSession(context) ?? role.maximumSession
      role.tags = try context.tags()
      if context.call.text("PermissionsBoundary") != nil {
        role.permissions.boundary = try context.attachable("PermissionsBoundary")
      }
      account.roles.append(role)
      return ["Role": context.document(role)]
    },
    .iamRead("GetRole", IAMTargets.role, notes: ["RoleLastUsed is empty."]) { context throws(ServiceError) in
      ["Role": context.document(try context.role())]
    },
    .iamRead("ListRoles") { context throws(ServiceError) in
      let roles = context.account.roles.filter { context.hasPath($0.path) }
      return try context.list("Roles", roles.map(\.name)) { name in
        roles.first { $0.name == name }.map { context.document($0, inList: true) }
      }
    },
    change("UpdateRole") { context, role throws(ServiceError) in
      if let description = context.call.text("Description") { role.description = description }
      role.maximumSession = try maximumSession(context) ?? role.maximumSession
    },
    change("UpdateAssumeRolePolicy") { context, role throws(ServiceError) in
      role.trust = try context.trustPolicy("PolicyDocument")
    },
    .iamChange("UpdateRoleDescription", IAMTargets.role) { context, account, _ throws(ServiceError) in
      var role = try context.role()
      role.description = context.call.text("Description")
      put(role, in: &account)
      return ["Role": context.document(role)]
    },
    .iamChange("DeleteRole", IAMTargets.role) { context, account, _ throws(ServiceError) in
      let role = try context.role()
      guard role.permissions.attached.isEmpty else {
        throw .deleteConflict("Cannot delete entity, must detach all policies first.")
      }
      guard role.permissions.inline.isEmpty else {
        throw .deleteConflict("Cannot delete entity, must delete policies first.")
      }
      account.roles.removeAll { $0.name == role.name }
      return .emptyObject
    },
    .iamRead("ListInstanceProfilesForRole", IAMTargets.role, notes: ["There are no instance profiles."]) {
      context throws(ServiceError) in
      _ = try context.role()
      return try context.list("InstanceProfiles", []) { _ in nil }
    },
  ]

  private static func change(
    _ name: String, _ change: @escaping @Sendable (IAMContext, inout WorldRole) throws(ServiceError) -> Void
  ) -> OperationEntry {
    .iamChange(name, IAMTargets.role) { context, account, _ throws(ServiceError) in
      var role = try context.role()
      try change(context, &role)
      put(role, in: &account)
      return .emptyObject
    }
  }

  static func put(_ role: WorldRole, in account: inout WorldAccount) {
    guard let position = account.roles.firstIndex(where: { $0.name == role.name }) else { return }
    account.roles[position] = role
  }

  private static func maximumSession(_ context: IAMContext) throws(ServiceError) -> Duration? {
    guard let seconds = context.call.integer("MaxSessionDuration") else { return nil }
    try STSConstraint.check(seconds, "maxSessionDuration", 3_600...43_200)
    return .seconds(seconds)
  }
}
