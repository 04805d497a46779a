import AWSWire
import Governance

/// Inline policies, attached policies and boundaries, of roles, users and groups alike.
enum PermissionOperations {
  static let entries: [OperationEntry] = IAMPrincipal.allCases.flatMap { principal in
    inline(principal) + attached(principal) + (principal == .group ? [] : boundary(principal))
  }

  private static func change(
    _ name: String, _ principal: IAMPrincipal,
    _ change: @escaping @Sendable (IAMContext, inout WorldPermissions) throws(ServiceError) -> Void
  ) -> OperationEntry {
    .iamChange(name, principal.targets) { context, account, _ throws(ServiceError) in
      var permissions = try principal.permissions(context)
      try change(context, &permissions)
      principal.put(permissions, named: try principal.name(context), in: &account)
      return .emptyObject
    }
  }

  private static func inline(_ principal: IAMPrincipal) -> [OperationEntry] {
    let kind = principal.rawValue
    @Sendable func find(_ context: IAMContext) throws(ServiceError) -> WorldPermissions.Inline {
      let name = try context.call.required("PolicyName")
      guard let policy = try principal.permissions(context).inline.first(where: { $0.name == name }) else {
        throw .noEntity("The \(principal.word) policy with name \(name) cannot be found.")
      }
      return policy
    }
    return [
      change("Put\(kind)Policy", principal) { context, permissions throws(ServiceError) in
        let name = try context.newName("PolicyName", limit: 128)
        // [doc] "IAM and STS quotas": together 10,240 characters for a role, 2,048 for a user, 5,120 for a group.
        let limit = [IAMPrincipal.role: 10_240, .user: 2_048, .group: 5_120][principal] ?? 0
        let policy = try context.policy("PolicyDocument", kind: .identity, limit: limit, quota: "PolicySize")
        permissions.put(.init(name: name, policy: policy))
        guard permissions.inline.reduce(0, { $0 + $1.policy.document.json.utf8.count }) <= limit else {
          throw .iam(
            "LimitExceeded",
            "Maximum policy size of \(limit) bytes exceeded for \(principal.word) \(try principal.name(context))",
            status: 409)
        }
      },
      change("Delete\(kind)Policy", principal) { context, permissions throws(ServiceError) in
        permissions.removeInline(named: try find(context).name)
      },
      .iamRead("Get\(kind)Policy", principal.targets) { context throws(ServiceError) in
        let policy = try find(context)
        return Document(entries: [
          ("\(kind)Name", Document(try principal.name(context))), ("PolicyName", Document(policy.name)),
          ("PolicyDocument", context.encoded(policy.policy)),
        ])
      },
      .iamRead("List\(kind)Policies", principal.targets) { context throws(ServiceError) in
        try context.list("PolicyNames", try principal.permissions(context).inline.map(\.name)) { Document($0) }
      },
    ]
  }

  private static func attached(_ principal: IAMPrincipal) -> [OperationEntry] {
    let kind = principal.rawValue
    return [
      change("Attach\(kind)Policy", principal) { context, permissions throws(ServiceError) in
        let arn = try context.attachable("PolicyArn")
        guard permissions.attached.count < 10 || permissions.attached.contains(arn) else {
          throw .iam("LimitExceeded", "Cannot exceed quota for PoliciesPer\(kind): 10", status: 409)
        }
        permissions.attach(arn)
      },
      change("Detach\(kind)Policy", principal) { context, permissions throws(ServiceError) in
        let arn = try context.call.required("PolicyArn")
        guard permissions.attached.contains(arn) else { throw .noEntity("Policy \(arn) was not found.") }
        permissions.attached.removeAll { $0 == arn }
      },
      .iamRead("ListAttached\(kind)Policies", principal.targets) { context throws(ServiceError) in
        let arns = try principal.permissions(context).attached.filter { arn in
          context.call.text("PathPrefix").map { arn.contains(":policy\($0)") } ?? true
        }
        return try context.list("AttachedPolicies", arns) { arn in
          ["PolicyName": Document(String(arn.split(separator: "/").last ?? "")), "PolicyArn": Document(arn)]
        }
      },
    ]
  }

  private static func boundary(_ principal: IAMPrincipal) -> [OperationEntry] {
    let kind = principal.rawValue
    return [
      change("Put\(kind)PermissionsBoundary", principal) { context, permissions throws(ServiceError) in
        permissions.boundary = try context.attachable("PermissionsBoundary")
      },
      change("Delete\(kind)PermissionsBoundary", principal) { context, permissions throws(ServiceError) in
        guard permissions.boundary != nil else {
          throw .noEntity("The \(principal.word) \(try principal.name(context)) does not have a permissions boundary.")
        }
        permissions.boundary = nil
      },
    ]
  }
}
