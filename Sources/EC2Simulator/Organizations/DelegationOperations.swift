import AWSWire
import Governance

/// Delegated administrators, and services with trusted access.
enum DelegationOperations {
  static let notRegistered = ServiceError.organizations(
    "AccountNotRegisteredException",
    "The provided account is not a registered delegated administrator for your organization.")

  static let entries: [OperationEntry] = [
    OrganizationPolicyOperations.write(
      "RegisterDelegatedAdministrator", orPolicy: false,
      notes: ["How many delegated administrators a service takes is not enforced."]
    ) { context, state throws(ServiceError) in
      let account = try context.account()
      let service = try principal(context.call)
      guard account.id != context.organization.managementAccount else {
        throw .constraint(
          "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
          "You cannot register master account/yourself as delegated administrator for your organization.")
      }
      guard account.isUsable else {
        throw .constraint(
          "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR",
          "You cannot register a suspended account as a delegated administrator.")
      }
      guard context.organization.trustedServices.contains(where: { $0.principal == service }) else {
        throw .constraint(
          "SERVICE_ACCESS_NOT_ENABLED",
          "You attempted to register a delegated administrator before you enabled service access. Call the "
            + "EnableAWSServiceAccess API first.")
      }
      var delegate =
        context.organization.delegates.first { $0.account == account.id }
        ?? WorldDelegate(account: account.id, services: [], since: context.call.now)
      guard !delegate.services.contains(where: { $0.principal == service }) else {
        throw .organizations(
          "AccountAlreadyRegisteredException",
          "The provided account is already a delegated administrator for your organization.")
      }
      delegate.services.append(.init(principal: service, since: context.call.now))
      put(delegate, context, &state)
      return .emptyObject
    },
    OrganizationPolicyOperations.write("DeregisterDelegatedAdministrator", orPolicy: false) {
      context, state throws(ServiceError) in
      let account = try context.account()
      let service = try principal(context.call)
      guard var delegate = context.organization.delegates.first(where: { $0.account == account.id }),
        delegate.services.contains(where: { $0.principal == service })
      else { throw notRegistered }
      delegate.services.removeAll { $0.principal == service }
      put(delegate, context, &state)
      return .emptyObject
    },
    OrganizationPolicyOperations.write("EnableAWSServiceAccess", orPolicy: false) {
      context, state throws(ServiceError) in
      let service = WorldDelegate.Service(principal: try principal(context.call), since: context.call.now)
      state.world.changeOrganization(context.organization.id) { organization in
        guard !organization.trustedServices.contains(where: { $0.principal == service.principal }) else { return }
        organization.trustedServices.append(service)
      }
      return .emptyObject
    },
    OrganizationPolicyOperations.write("DisableAWSServiceAccess", orPolicy: false) {
      context, state throws(ServiceError) in
      let service = try principal(context.call)
      state.world.changeOrganization(context.organization.id) { organization in
        organization.trustedServices.removeAll { $0.principal == service }
      }
      return .emptyObject
    },
  ]

  private static func principal(_ call: Call) throws(ServiceError) -> String {
    let service = try call.required("ServicePrincipal")
    guard service.hasSuffix(".amazonaws.com"), service.count > ".amazonaws.com".count else {
      throw .unknownServicePrincipal
    }
    return service
  }

  /// Without a service it is none.
  private static func put(_ delegate: WorldDelegate, _ context: OrganizationContext, _ state: inout SimulatorState) {
    state.world.changeOrganization(context.organization.id) { organization in
      organization.delegates.removeAll { $0.account == delegate.account }
      if !delegate.services.isEmpty { organization.delegates.append(delegate) }
    }
  }
}
