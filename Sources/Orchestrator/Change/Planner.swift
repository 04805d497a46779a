package import Determinism
package import Governance

/// Which findings and resources a plan is made for. Empty: all.
package struct PlanScope: Sendable {
  package var checks: [String]
  package var accounts: [String]
  package var resources: [String]

  package init(checks: [String] = [], accounts: [String] = [], resources: [String] = []) {
    self.checks = checks
    self.accounts = accounts
    self.resources = resources
  }
}

package enum PlanError: Error, Sendable, CustomStringConvertible {
  case noSweep
  case unknownChecks([String], known: [String])
  case plugin(PluginFailure)
  case organization(FailureReason)

  package var description: String {
    switch self {
    case .noSweep: "the ledger holds no sweep to plan from; run `reeve sweep` first"
    case .unknownChecks(let unknown, let known):
      "unknown check \(unknown.map { "\"\($0)\"" }.joined(separator: ", ")); "
        + SourceReader.suggestion(for: unknown.first ?? "", among: known)
    case .plugin(let failure): failure.description
    case .organization(let reason): "the organization cannot be listed: \(reason)"
    }
  }
}

/// Asks the remediators and taggers what would close the open findings, and taggers that have no checks of their own what
/// they would tag. Changes nothing.
package struct Planner: Sendable {
  private let catalog: any PluginCatalog
  private let ledger: any SweepLedger
  private let clock: any WorldClock

  package init(catalog: any PluginCatalog, ledger: any SweepLedger, clock: any WorldClock) {
    self.catalog = catalog
    self.ledger = ledger
    self.clock = clock
  }

  package func plan(
    _ scope: PlanScope, organization: Organization, trusted: [String], pluginConfigurations: [String: Document]
  ) async throws -> Plan {
    let known = catalog.manifests.flatMap { $0.checks.map(\.id) }
    let unknown = scope.checks.filter { !known.contains($0) }
    guard unknown.isEmpty else { throw PlanError.unknownChecks(unknown, known: known) }
    guard let sweep = try await ledger.sweeps(limit: 1).first else { throw PlanError.noSweep }
    let findings = try await ledger.findings(
      matching: FindingQuery(checks: scope.checks, accounts: scope.accounts, resourceIDs: scope.resources))
    let planning = catalog.manifests.filter { $0.kinds.contains(.remediator) || $0.kinds.contains(.tagger) }
    let session: any PluginSession
    do {
      session = try await catalog.open(
        PluginSetting(
          organization: organization, trusted: trusted, configurations: pluginConfigurations,
          plugins: planning.map(\.id), now: clock.now))
    } catch {
      throw PlanError.plugin(error)
    }
    let result: Result<Plan, any Error>
    do {
      result = .success(
        try await plan(scope, findings, sweep: sweep, organization: organization, planning, session))
    } catch {
      result = .failure(error)
    }
    await session.close()
    return try result.get()
  }

  private func plan(
    _ scope: PlanScope, _ findings: [Finding], sweep: SweepRecord, organization: Organization,
    _ planning: [PluginManifest], _ session: any PluginSession
  ) async throws -> Plan {
    var actions: [Action] = []
    var answered: Set<Int> = []
    for manifest in planning {
      let positions = findings.indices.filter { answers(manifest, findings[$0]) }
      guard !positions.isEmpty else { continue }
      let resources = try await resources(of: positions.map { findings[$0] })
      do throws(PluginFailure) {
        let planned = try await propose(manifest, positions.map { findings[$0] }, resources, session)
        let touched = Set(planned.map(\.resource))
        for position in positions where touched.contains(findings[position].resource) { answered.insert(position) }
        actions.append(contentsOf: planned)
      } catch {
        throw PlanError.plugin(error)
      }
    }
    for manifest in planning where Self.worksWithoutFindings(manifest) {
      do {
        actions += try await proposals(of: manifest, in: scope, organization, session)
      } catch let failure as PluginFailure {
        throw PlanError.plugin(failure)
      }
    }
    let left = findings.indices.filter { !answered.contains($0) }.map { position in
      let finding = findings[position]
      return "\(finding.check) \(finding.resource.id) in \(finding.resource.account)/\(finding.resource.region): "
        + finding.message
    }
    return Plan(
      createdAt: clock.now, organization: organization.id, sweep: sweep.id,
      actions: actions.enumerated().sorted { left, right in
        (left.element.resource, left.offset) < (right.element.resource, right.offset)
      }.map(\.element), leftToPeople: left.sorted())
  }

  private func answers(_ manifest: PluginManifest, _ finding: Finding) -> Bool {
    if manifest.kinds.contains(.remediator), manifest.remediates.contains(finding.check) { return true }
    return manifest.kinds.contains(.tagger) && manifest.checks.contains { $0.id == finding.check }
  }

  /// A tagger that judges nothing has no findings to wait for: it is asked about what there is.
  private static func worksWithoutFindings(_ manifest: PluginManifest) -> Bool {
    manifest.kinds.contains(.tagger) && manifest.checks.isEmpty
  }

  /// Account by account, so that no more than one account's resources are held. A plan that is for some checks is for
  /// nothing else.
  private func proposals(
    of manifest: PluginManifest, in scope: PlanScope, _ organization: Organization, _ session: any PluginSession
  ) async throws -> [Action] {
    guard scope.checks.isEmpty else { return [] }
    var actions: [Action] = []
    for account in organization.accounts.map(\.id).sorted()
    where scope.accounts.isEmpty || scope.accounts.contains(account) {
      let query = ResourceQuery(types: manifest.resourceTypes, accounts: [account], ids: scope.resources)
      let resources = try await ledger.resources(matching: query).map(\.resource)
      guard !resources.isEmpty else { continue }
      actions += try await tags(manifest, [], resources, session)
    }
    return actions
  }

  private func tags(
    _ manifest: PluginManifest, _ findings: [Finding], _ resources: [Resource], _ session: any PluginSession
  ) async throws(PluginFailure) -> [Action] {
    var actions: [Action] = []
    for operation in try await session.propose(plugin: manifest.id, resources: resources, now: clock.now) {
      let resource = resources[operation.resource]
      let check = findings.first { $0.resource == resource.key }?.check ?? ""
      actions += try TagActions.actions(for: operation, on: resource, plugin: manifest.id, check: check)
    }
    return actions
  }

  private func resources(of findings: [Finding]) async throws -> [Resource] {
    var resources: [Resource] = []
    for type in Set(findings.map(\.resource.type)).sorted() {
      let ids = Set(findings.map(\.resource)).filter { $0.type == type }
      for recorded in try await ledger.resources(matching: ResourceQuery(types: [type], ids: ids.map(\.id).sorted()))
      where ids.contains(recorded.resource.key) {
        resources.append(recorded.resource)
      }
    }
    return resources.sorted { $0.key < $1.key }
  }

  private func propose(
    _ manifest: PluginManifest, _ findings: [Finding], _ resources: [Resource], _ session: any PluginSession
  ) async throws(PluginFailure) -> [Action] {
    guard !resources.isEmpty else { return [] }
    var actions: [Action] = []
    if manifest.kinds.contains(.remediator) {
      let plannable = findings.compactMap { finding in
        resources.firstIndex { $0.key == finding.resource }.map {
          PlannableFinding(resource: $0, check: finding.check, message: finding.message, evidence: finding.evidence)
        }
      }
      actions += try await session.plan(
        plugin: manifest.id, resources: resources, findings: plannable, now: clock.now)
    }
    if manifest.kinds.contains(.tagger), !Self.worksWithoutFindings(manifest) {
      actions += try await tags(manifest, findings, resources, session)
    }
    return actions
  }
}
