import AWSWire
import Governance

/// AttachPolicy and DetachPolicy: one policy, one target.
struct PolicyAttachment {
  private let context: OrganizationContext
  private let policy: String
  private let kind: WorldOrganizationPolicy.Kind
  private let target: String

  init(_ context: OrganizationContext) throws(ServiceError) {
    self.context = context
    policy = try context.call.required("PolicyId")
    target = try context.target()
    switch policy {
    case OrganizationPolicies.fullAccess: kind = .serviceControl
    case OrganizationPolicies.resourceFullAccess: kind = .resourceControl
    default:
      guard let own = context.organization.policies.first(where: { $0.id == context.call.text("PolicyId") }) else {
        throw .noPolicy
      }
      kind = own.kind
    }
    guard context.organization.policyKinds.contains(kind) else { throw .typeNotEnabled }
  }

  private var attached: [String] { OrganizationPolicies.ids(of: kind, on: target, context) }

  /// [doc] "Quotas for AWS Organizations": five service or resource control policies on a target, ten of the others.
  func attach(_ state: inout SimulatorState) throws(ServiceError) {
    guard !attached.contains(policy) else {
      throw .organizations(
        "DuplicatePolicyAttachmentException", "The selected policy is already attached to the specified target.")
    }
    guard attached.count < (kind.isManagement ? 10 : 5) else {
      throw .constraint(
        "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
        "You have attached the maximum number of this type of policy to the specified target.")
    }
    change(&state, isAttached: true)
  }

  func detach(_ state: inout SimulatorState) throws(ServiceError) {
    guard attached.contains(policy) else {
      throw .organizations(
        "PolicyNotAttachedException", "The policy isn't attached to the specified target in the specified root.")
    }
    guard policy != OrganizationPolicies.resourceFullAccess else {
      throw .invalidInput(
        "You specified a policy that is managed by AWS and can't be modified.", reason: "IMMUTABLE_POLICY")
    }
    // "An SCP that allows must stay": a target without any could do nothing for ever.
    guard kind != .serviceControl || attached.count > 1 else {
      throw .constraint(
        "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
        "You cannot remove the last policy attached to the specified target. You must have at least one attached at all "
          + "times.")
    }
    change(&state, isAttached: false)
  }

  private func change(_ state: inout SimulatorState, isAttached: Bool) {
    let (policy, target, organization) = (policy, target, context.organization.id)
    guard policy != OrganizationPolicies.fullAccess else {
      state.world.changeOrganization(organization) { organization in
        if isAttached {
          organization.withoutFullAccess.remove(target)
        } else {
          organization.withoutFullAccess.insert(target)
        }
      }
      return
    }
    state.world.changePolicy(policy, of: organization) { policy in
      if isAttached { policy.targets.append(target) } else { policy.targets.removeAll { $0 == target } }
    }
  }
}
