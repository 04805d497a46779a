import AWSWire
import Governance

/// AWS Organizations, the read side.
enum OrganizationOperations {
  static let entries: [OperationEntry] = [
    read("DescribeOrganization", isForEveryMember: true) { context throws(ServiceError) in
      ["Organization": context.organizationDocument]
    },
    read("ListRoots") { context throws(ServiceError) in
      let organization = context.organization
      let root: Document = [
        "Id": Document(organization.root), "Arn": Document(context.arn("root/\(organization.id)/\(organization.root)")),
        "Name": "Root", "PolicyTypes": [["Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"]],
      ]
      return ["Roots": [root]]
    },
    read("ListAccounts") { context throws(ServiceError) in
      let ids = context.world.accountsByOrganization[context.organization.id] ?? []
      return try context.list("Accounts", ids, context.accountDocument)
    },
    read("ListAccountsForParent") { context throws(ServiceError) in
      let ids = context.world.accountsByParent[try context.parent()] ?? []
      return try context.list("Accounts", ids, context.accountDocument)
    },
    read("ListOrganizationalUnitsForParent") { context throws(ServiceError) in
      return try context.list("OrganizationalUnits", context.units(in: try context.parent()), context.unitDocument)
    },
    read("ListChildren") { context throws(ServiceError) in try context.children() },
    read("ListParents") { context throws(ServiceError) in try context.parents() },
    read("DescribeAccount") { context throws(ServiceError) in
      let id = try context.call.required("AccountId")
      guard context.world.account(id)?.organization == context.organization.id,
        let account = context.accountDocument(id)
      else {
        throw .organizations(
          "AccountNotFoundException", "You specified an account that doesn't exist.")
      }
      return ["Account": account]
    },
    read("DescribeOrganizationalUnit") { context throws(ServiceError) in
      guard let unit = context.unitDocument(try context.call.required("OrganizationalUnitId")) else {
        throw .organizations(
          "OrganizationalUnitNotFoundException", "You specified an organizational unit that doesn't exist.")
      }
      return ["OrganizationalUnit": unit]
    },
    read("ListTagsForResource") { context throws(ServiceError) in try context.tags() },
    read("ListDelegatedAdministrators") { context throws(ServiceError) in try context.delegates() },
  ]

  private static func read(
    _ name: String, isForEveryMember: Bool = false,
    _ answer: @escaping @Sendable (OrganizationContext) throws(ServiceError) -> Document
  ) -> OperationEntry {
    OperationEntry("organizations", name) { call, state throws(ServiceError) in
      let context = try OrganizationContext(call, state.world)
      // Reads are for the management account and for delegated administrators.
      guard isForEveryMember || context.isAdministrator else {
        throw .organizations("AccessDeniedException", "You don't have permissions to access this resource.")
      }
      return try answer(context)
    }
  }
}
