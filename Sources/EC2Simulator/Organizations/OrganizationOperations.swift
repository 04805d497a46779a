import AWSWire
import Governance

/// AWS Organizations: what is there.
enum OrganizationOperations {
  static let entries: [OperationEntry] = [
    read("DescribeOrganization", isForEveryMember: true) { context throws(ServiceError) in
      ["Organization": context.organizationDocument]
    },
    read("ListRoots") { context throws(ServiceError) in
      try context.list("Roots", [context.organization.root]) { _ in context.rootDocument }
    },
    read("ListAccounts") { context throws(ServiceError) in
      let ids = context.world.accountsByOrganization[context.organization.id] ?? []
      return try context.list("Accounts", ids, context.accountDocument)
    },
    read("ListAccountsForParent") { context throws(ServiceError) in
      try context.list("Accounts", context.accounts(in: try context.container()), context.accountDocument)
    },
    read("ListOrganizationalUnitsForParent") { context throws(ServiceError) in
      try context.list("OrganizationalUnits", context.units(in: try context.container()), context.unitDocument)
    },
    read("ListChildren") { context throws(ServiceError) in try children(context) },
    read("ListParents") { context throws(ServiceError) in try parents(context) },
    read("DescribeAccount") { context throws(ServiceError) in
      let id = try context.account().id
      return Document(entries: [("Account", context.accountDocument(id))])
    },
    read("DescribeOrganizationalUnit") { context throws(ServiceError) in
      let id = try context.unit().id
      return Document(entries: [("OrganizationalUnit", context.unitDocument(id))])
    },
    read("ListDelegatedAdministrators") { context throws(ServiceError) in try delegates(context) },
    read("ListDelegatedServicesForAccount") { context throws(ServiceError) in
      let id = try context.call.required("AccountId")
      guard context.isMember(id) else { throw .noAccount }
      guard let delegate = context.organization.delegates.first(where: { $0.account == id }) else {
        throw DelegationOperations.notRegistered
      }
      return try context.list("DelegatedServices", delegate.services.map(\.principal).sorted()) { name in
        let since = delegate.services.first { $0.principal == name }?.since ?? delegate.since
        return ["ServicePrincipal": Document(name), "DelegationEnabledDate": Document(since.iso8601)]
      }
    },
    read("ListAWSServiceAccessForOrganization") { context throws(ServiceError) in
      let services = context.organization.trustedServices
      return try context.list("EnabledServicePrincipals", services.map(\.principal).sorted()) { name in
        services.first { $0.principal == name }.map {
          ["ServicePrincipal": Document(name), "DateEnabled": Document($0.since.iso8601)]
        }
      }
    },
  ]

  static func read(
    _ name: String, isForEveryMember: Bool = false, notes: [String] = [],
    _ answer: @escaping @Sendable (OrganizationContext) throws(ServiceError) -> Document
  ) -> OperationEntry {
    OperationEntry("organizations", name, authorization: .resources(OrganizationTargets.targets), notes: notes) {
      call, state throws(ServiceError) in
      let context = try OrganizationContext(call, state.world)
      if !isForEveryMember { try context.requireReader() }
      return try answer(context)
    }
  }

  private static func children(_ context: OrganizationContext) throws(ServiceError) -> Document {
    let parent = try context.container()
    let kind = try context.call.required("ChildType")
    let ids: [String]
    switch kind {
    case "ACCOUNT": ids = context.accounts(in: parent)
    case "ORGANIZATIONAL_UNIT": ids = context.units(in: parent)
    default: throw .invalidInput("You specified an invalid value: ChildType \(kind).", reason: "INVALID_ENUM")
    }
    return try context.list("Children", ids) { ["Id": Document($0), "Type": Document(kind)] }
  }

  private static func parents(_ context: OrganizationContext) throws(ServiceError) -> Document {
    let child = try context.call.required("ChildId")
    let account = context.world.account(child)
    let organization = context.organization
    let parent = account?.organization == organization.id ? account?.parent : organization.unit(child)?.parent
    guard let parent else { throw .noChild }
    return try context.list("Parents", [parent]) { id in
      ["Id": Document(id), "Type": Document(context.targetType(id))]
    }
  }

  private static func delegates(_ context: OrganizationContext) throws(ServiceError) -> Document {
    let service = context.call.text("ServicePrincipal")
    let ids = context.organization.delegates.filter { delegate in
      service.map { name in delegate.services.contains { $0.principal == name } } ?? true
    }.map(\.account).sorted()
    return try context.list("DelegatedAdministrators", ids) { id in
      let since = context.organization.delegates.first { $0.account == id }?.since
      return context.accountDocument(id)?.setting("Paths", to: nil)
        .setting("DelegationEnabledDate", to: since.map { Document($0.iso8601) })
    }
  }
}
