import AWSWire
import Governance

/// Users, their access keys and groups.
enum UserOperations {
  static let entries: [OperationEntry] = users + accessKeys + groups

  private static let users: [OperationEntry] = [
    .iamChange("CreateUser", IAMTargets.user) { context, account, state throws(ServiceError) in
      let name = try context.newName("UserName", limit: 64)
      guard !account.users.contains(where: { $0.name.lowercased() == name.lowercased() }) else {
        throw .exists("User with name \(name) already exists.")
      }
      var user = WorldUser(name: name, path: try context.path())
      user.id = "AIDA" + state.newText("user-id", length: 17, alphabet: SimulatorState.keyAlphabet)
      user.created = context.call.now
      user.tags = try context.tags()
      if context.call.text("PermissionsBoundary") != nil {
        user.permissions.boundary = try context.attachable("PermissionsBoundary")
      }
      account.users.append(user)
      return ["User": context.document(user)]
    },
    .iamRead("GetUser", IAMTargets.user) { context throws(ServiceError) in
      ["User": context.document(try context.user())]
    },
    .iamRead("ListUsers") { context throws(ServiceError) in
      let users = context.account.users.filter { !$0.isRoot && context.hasPath($0.path) }
      return try context.list("Users", users.map(\.name)) { name in
        users.first { $0.name == name }.map { context.document($0, inList: true) }
      }
    },
    .iamChange("DeleteUser", IAMTargets.user) { context, account, _ throws(ServiceError) in
      let user = try context.user()
      guard user.accessKeys.isEmpty else {
        throw .deleteConflict("Cannot delete entity, must delete access keys first.")
      }
      guard user.permissions.attached.isEmpty else {
        throw .deleteConflict("Cannot delete entity, must detach all policies first.")
      }
      guard user.permissions.inline.isEmpty else {
        throw .deleteConflict("Cannot delete entity, must delete policies first.")
      }
      guard user.groups.isEmpty else {
        throw .deleteConflict("Cannot delete entity, must remove users from group first.")
      }
      account.users.removeAll { $0.name == user.name }
      return .emptyObject
    },
    .iamRead("ListGroupsForUser", IAMTargets.user) { context throws(ServiceError) in
      let names = try context.user().groups
      return try context.list("Groups", names) { name in
        context.account.groups.first { $0.name == name }.map(context.document)
      }
    },
  ]

  // MARK: Access keys

  private static let accessKeys: [OperationEntry] = [
    .iamChange("CreateAccessKey", IAMTargets.user) { context, account, state throws(ServiceError) in
      var user = try context.user()
      guard user.accessKeys.count < 2 else {
        throw .iam("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2", status: 409)
      }
      let key = WorldAccessKey(
        id: "AKIA" + state.newText("access-key", length: 16, alphabet: SimulatorState.keyAlphabet),
        secret: state.newText("access-secret", length: 40, alphabet: SimulatorState.secretAlphabet),
        created: context.call.now)
      user.accessKeys.append(key)
      put(user, in: &account)
      return [
        "AccessKey": [
          "UserName": Document(user.name), "AccessKeyId": Document(key.id), "Status": "Active",
          "SecretAccessKey": Document(key.secret), "CreateDate": Document(context.call.now.iso8601),
        ]
      ]
    },
    .iamRead("ListAccessKeys", IAMTargets.user) { context throws(ServiceError) in
      let user = try context.user()
      return try context.list("AccessKeyMetadata", user.accessKeys.map(\.id)) { id in
        user.accessKeys.first { $0.id == id }.map { key in
          [
            "UserName": Document(user.name), "AccessKeyId": Document(id),
            "Status": Document(key.isActive ? "Active" : "Inactive"),
            "CreateDate": Document((key.created ?? user.created ?? context.account.joined).iso8601),
          ]
        }
      }
    },
    .iamChange("UpdateAccessKey", IAMTargets.user) { context, account, _ throws(ServiceError) in
      var user = try context.user()
      let position = try keyPosition(context, user)
      let status = try context.call.required("Status")
      guard ["Active", "Inactive"].contains(status) else {
        throw STSConstraint.violation(
          status, "status", "Member must satisfy enum value set: [Active, Inactive, Expired]")
      }
      user.accessKeys[position].isActive = status == "Active"
      put(user, in: &account)
      return .emptyObject
    },
    .iamChange("DeleteAccessKey", IAMTargets.user) { context, account, _ throws(ServiceError) in
      var user = try context.user()
      user.accessKeys.remove(at: try keyPosition(context, user))
      put(user, in: &account)
      return .emptyObject
    },
    .iamRead("GetAccessKeyLastUsed", notes: ["A key was never used: what the record of calls knows is not told."]) {
      context throws(ServiceError) in
      let id = try context.call.required("AccessKeyId")
      guard let user = context.account.users.first(where: { $0.accessKeys.contains { $0.id == id } }) else {
        throw .iam(
          "AccessDenied",
          "User: \(context.call.caller.arn) is not authorized to perform: iam:GetAccessKeyLastUsed on resource: "
            + "access key \(id)", status: 403)
      }
      return ["UserName": Document(user.name), "AccessKeyLastUsed": ["ServiceName": "N/A", "Region": "N/A"]]
    },
  ]

  private static func keyPosition(_ context: IAMContext, _ user: WorldUser) throws(ServiceError) -> Int {
    let id = try context.call.required("AccessKeyId")
    guard let position = user.accessKeys.firstIndex(where: { $0.id == id }) else {
      throw .noEntity("The Access Key with id \(id) cannot be found.")
    }
    return position
  }

  static func put(_ user: WorldUser, in account: inout WorldAccount) {
    guard let position = account.users.firstIndex(where: { $0.name == user.name }) else { return }
    account.users[position] = user
  }

  // MARK: Groups

  private static let groups: [OperationEntry] = [
    .iamChange("CreateGroup", IAMTargets.group) { context, account, _ throws(ServiceError) in
      let name = try context.newName("GroupName", limit: 128)
      guard !account.groups.contains(where: { $0.name.lowercased() == name.lowercased() }) else {
        throw .exists("Group with name \(name) already exists.")
      }
      let group = WorldGroup(name: name, path: try context.path())
      account.groups.append(group)
      return ["Group": context.document(group)]
    },
    .iamChange("DeleteGroup", IAMTargets.group) { context, account, _ throws(ServiceError) in
      let group = try context.group()
      guard group.permissions == WorldPermissions(), !account.users.contains(where: { $0.groups.contains(group.name) })
      else { throw .deleteConflict("Cannot delete entity, must detach all policies and remove all users first.") }
      account.groups.removeAll { $0.name == group.name }
      return .emptyObject
    },
    .iamRead("GetGroup", IAMTargets.group) { context throws(ServiceError) in
      let group = try context.group()
      let members = context.account.users.filter { $0.groups.contains(group.name) }
      let list = try context.list("Users", members.map(\.name)) { name in
        members.first { $0.name == name }.map { context.document($0, inList: true) }
      }
      return list.setting("Group", to: context.document(group))
    },
    .iamRead("ListGroups") { context throws(ServiceError) in
      let groups = context.account.groups.filter { context.hasPath($0.path) }
      return try context.list("Groups", groups.map(\.name)) { name in
        groups.first { $0.name == name }.map(context.document)
      }
    },
    .iamChange("AddUserToGroup", IAMTargets.group) { context, account, _ throws(ServiceError) in
      let group = try context.group()
      var user = try context.user()
      if !user.groups.contains(group.name) { user.groups.append(group.name) }
      put(user, in: &account)
      return .emptyObject
    },
    .iamChange("RemoveUserFromGroup", IAMTargets.group) { context, account, _ throws(ServiceError) in
      let group = try context.group()
      var user = try context.user()
      user.groups.removeAll { $0 == group.name }
      put(user, in: &account)
      return .emptyObject
    },
  ]
}
