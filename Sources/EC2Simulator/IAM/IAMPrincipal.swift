import AWSWire
import Governance

/// What policies are attached to; the same operations exist for each.
enum IAMPrincipal: String, CaseIterable, Sendable {
  case role = "Role"
  case user = "User"
  case group = "Group"

  var word: String { rawValue.lowercased() }

  var targets: @Sendable (Call, World) -> [Authorizer.Target] {
    switch self {
    case .role: IAMTargets.role
    case .user: IAMTargets.user
    case .group: IAMTargets.group
    }
  }

  func all(in account: WorldAccount) -> [(name: String, permissions: WorldPermissions)] {
    switch self {
    case .role: account.roles.map { ($0.name, $0.permissions) }
    case .user: account.users.map { ($0.name, $0.permissions) }
    case .group: account.groups.map { ($0.name, $0.permissions) }
    }
  }

  func path(ofNamed name: String, in account: WorldAccount) -> String {
    switch self {
    case .role: account.role(named: name)?.path ?? "/"
    case .user: account.user(named: name)?.path ?? "/"
    case .group: account.groups.first { $0.name == name }?.path ?? "/"
    }
  }

  /// Of the one that a call names.
  func name(_ context: IAMContext) throws(ServiceError) -> String {
    switch self {
    case .role: try context.role().name
    case .user: try context.user().name
    case .group: try context.group().name
    }
  }

  func permissions(_ context: IAMContext) throws(ServiceError) -> WorldPermissions {
    switch self {
    case .role: try context.role().permissions
    case .user: try context.user().permissions
    case .group: try context.group().permissions
    }
  }

  func put(_ permissions: WorldPermissions, named name: String, in account: inout WorldAccount) {
    switch self {
    case .role:
      if let position = account.roles.firstIndex(where: { $0.name == name }) {
        account.roles[position].permissions = permissions
      }
    case .user:
      if let position = account.users.firstIndex(where: { $0.name == name }) {
        account.users[position].permissions = permissions
      }
    case .group:
      if let position = account.groups.firstIndex(where: { $0.name == name }) {
        account.groups[position].permissions = permissions
      }
    }
  }
}
