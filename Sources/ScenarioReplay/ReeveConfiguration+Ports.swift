package import AWSAccess
package import Configuration
import Governance
package import Orchestrator

// What a configuration means to the orchestrator and to AWS access; the same for a command and for a replay.

extension ReeveConfiguration {
  /// From the caller's credentials to the members.
  package var chain: [RoleHop] {
    roles.isEmpty ? [.named("OrganizationAccountAccessRole")] : roles.map(RoleHop.init)
  }

  /// Tags cost a call per account: they are read only when a rule asks for them.
  package var organizationSource: OrganizationSource {
    accounts.isEmpty
      ? .organizations(
        readTags: !accountSelection.include.tags.isEmpty || !accountSelection.exclude.tags.isEmpty)
      : .accounts(accounts.map { Account(id: $0) })
  }
}

extension RoleHop {
  package init(_ role: ReeveConfiguration.Role) {
    self.init(
      role: role.arn, externalID: role.externalID, sessionName: role.sessionName ?? "reeve",
      duration: role.duration ?? .seconds(3_600), tags: role.tags)
  }
}

extension ReeveConfiguration.Limits {
  package var callLimits: CallLimits {
    var limits = CallLimits.standard
    limits.share = share
    limits.maximumAttempts = attempts
    return limits
  }
}

extension ReeveConfiguration.Budgets {
  package var orchestrated: Budgets {
    Budgets(
      actionsPerRun: actionsPerRun, actionsPerAccount: actionsPerAccount, actionsPerDay: actionsPerDay,
      failureRate: failureRate, planMaximumAge: .seconds(86_400))
  }
}
