import AWSWire
import Governance

/// Accounts that go: closed, removed, leaving; and the organization's own end.
enum MembershipOperations {
  /// How long AWS takes to close an account, about: it says "a few minutes".
  static let closing = Duration.seconds(120)

  static let entries: [OperationEntry] = [
    OrganizationPolicyOperations.write(
      "CloseAccount", orPolicy: false,
      notes: ["The quota of closed accounts is not enforced; a closed account stays for good, not for 90 days."]
    ) { context, state throws(ServiceError) in
      var account = try context.account()
      guard account.id != context.organization.managementAccount else {
        throw .constraint("CANNOT_CLOSE_MANAGEMENT_ACCOUNT", "You cannot close the management account.")
      }
      switch account.state {
      case "ACTIVE", "SUSPENDED": break
      case "PENDING_CLOSURE":
        throw .organizations("ConflictException", "The closure of this account is in progress.")
      default:
        throw .organizations(
          "AccountAlreadyClosedException", "You attempted to close an account that is already closed.")
      }
      try checkDelegation(of: account.id, context, "CANNOT_CLOSE_DELEGATED_ADMINISTRATOR")
      account.state = "PENDING_CLOSURE"
      state.world.put(account)
      state.closures[account.id] = context.call.now + closing
      return .emptyObject
    },
    OrganizationPolicyOperations.write("RemoveAccountFromOrganization", orPolicy: false) {
      context, state throws(ServiceError) in
      try leave(try context.account(), context, &state)
    },
    OperationEntry("organizations", "LeaveOrganization", isMutating: true) { call, state throws(ServiceError) in
      let context = try OrganizationContext(call, state.world)
      guard let account = state.world.account(call.caller.account) else { throw .noAccount }
      return try leave(account, context, &state)
    },
    OrganizationPolicyOperations.write("DeleteOrganization", orPolicy: false) { context, state throws(ServiceError) in
      let organization = context.organization
      guard state.world.accountsByOrganization[organization.id] == [organization.managementAccount],
        organization.units.isEmpty, organization.policies.isEmpty
      else {
        throw .organizations(
          "OrganizationNotEmptyException",
          "To delete an organization you must first remove all member accounts (except the management account), delete all "
            + "organizational units, and delete all policies.")
      }
      if var account = state.world.account(organization.managementAccount) {
        account.organization = nil
        account.parent = nil
        state.world.put(account)
      }
      state.world.organizations.removeAll { $0.id == organization.id }
      return .emptyObject
    },
  ]

  private static func checkDelegation(of account: String, _ context: OrganizationContext, _ reason: String)
    throws(ServiceError)
  {
    guard context.organization.delegates.contains(where: { $0.account == account }) else { return }
    throw .constraint(
      reason, "You must first deregister the account as a delegated administrator of every service.")
  }

  private static func leave(
    _ member: WorldAccount, _ context: OrganizationContext, _ state: inout SimulatorState
  ) throws(ServiceError) -> Document {
    guard member.id != context.organization.managementAccount else {
      throw .organizations(
        "MasterCannotLeaveOrganizationException",
        "You can't remove a management account from an organization. If you want the management account to become a member "
          + "account in another organization, you must first delete the current organization of the management account."
      )
    }
    try checkDelegation(of: member.id, context, "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG")
    // [doc] "You must wait until at least four days after the account was created."
    guard member.joinedMethod == "INVITED" || member.joined + .seconds(4 * 86_400) <= context.call.now else {
      throw .constraint(
        "WAIT_PERIOD_ACTIVE",
        "You must wait until at least four days after the account was created before it can leave the organization.")
    }
    var account = member
    account.organization = nil
    account.parent = nil
    account.tags = []
    state.world.put(account)
    state.world.changeOrganization(context.organization.id) { $0.forget(target: member.id) }
    return .emptyObject
  }
}
