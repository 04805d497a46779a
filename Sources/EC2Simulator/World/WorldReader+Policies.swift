import Determinism
import Governance

/// An organization's policies, and who acts for it.
extension WorldReader {
  func readPolicies(_ fields: [String: SourceValue], in position: Int) {
    let kinds = WorldOrganizationPolicy.Kind.allCases.map(\.rawValue)
    if let given = fields["policyTypes"] {
      let named = reader.elements(given).compactMap { reader.choice($0, among: kinds) }
      world.organizations[position].policyKinds = Set(named.compactMap(WorldOrganizationPolicy.Kind.init))
    }
    for policy in reader.elements(fields["policies"]) { readPolicy(policy, kinds: kinds, in: position) }
    // A type whose policies are in force is switched on.
    if fields["policyTypes"] == nil {
      world.organizations[position].policyKinds.formUnion(world.organizations[position].policies.map(\.kind))
    }
    let withheld = reader.elements(fields["withoutFullAccess"]).compactMap { target($0, in: position) }
    world.organizations[position].withoutFullAccess = Set(withheld)
  }

  private func readPolicy(_ value: SourceValue, kinds: [String], in position: Int) {
    let fields = reader.fields(
      of: value, known: ["id", "name", "description", "type", "targets", "document", "tags"])
    guard let document = fields["document"] else {
      reader.problem(value.location, "a policy of an organization needs a document")
      return
    }
    let kind = reader.choice(fields["type"], among: kinds).flatMap(WorldOrganizationPolicy.Kind.init) ?? .serviceControl
    let organization = world.organizations[position]
    let number = organization.policies.count
    let name = reader.text(fields["name"]) ?? "policy-\(number + 1)"
    guard !organization.policies.contains(where: { $0.name == name && $0.kind == kind }) else {
      reader.problem(value.location, "the policy \"\(name)\" is given twice")
      return
    }
    var generator = world.generator("policy/\(organization.id)/\(kind.rawValue)/\(name)")
    var policy = WorldOrganizationPolicy(
      id: reader.text(fields["id"]) ?? "p-" + generator.hexadecimal(digits: 8), name: name,
      description: reader.text(fields["description"]) ?? "", kind: kind,
      targets: reader.elements(fields["targets"]).compactMap { target($0, in: position) }, document: document.document)
    policy.tags = tags(fields["tags"])
    if !kind.isManagement {
      guard let compiled = self.policy(document, kind: kind == .serviceControl ? .serviceControl : .resource) else {
        return
      }
      policy.policy = compiled
    } else if let problem = DeclarativePolicy.problem(of: policy.document, kind: kind) {
      reader.problem(document.location, "this is no policy of the type \(kind.rawValue): \(problem)")
      return
    }
    world.organizations[position].policies.append(policy)
  }

  func readDelegates(_ fields: [String: SourceValue], in position: Int) {
    for delegate in reader.elements(fields["delegatedAdministrators"]) {
      let fields = reader.fields(of: delegate, known: ["account", "services", "since"])
      guard let account = reader.accountID(fields["account"]) else {
        reader.problem(delegate.location, "a delegated administrator needs an account")
        continue
      }
      let since = time(fields["since"]) ?? epoch
      world.organizations[position].delegates.append(
        WorldDelegate(account: account, services: services(fields["services"], since: since), since: since))
    }
    world.organizations[position].trustedServices = services(fields["trustedServices"], since: epoch)
  }

  /// `config.amazonaws.com`, or with the time it was let in.
  private func services(_ value: SourceValue?, since: Timestamp) -> [WorldDelegate.Service] {
    reader.elements(value).compactMap { element in
      guard case .mapping = element.content else {
        return reader.text(element).map { .init(principal: $0, since: since) }
      }
      let fields = reader.fields(of: element, known: ["principal", "since"])
      guard let principal = reader.text(fields["principal"]) else {
        reader.problem(element.location, "a service needs its principal, such as config.amazonaws.com")
        return nil
      }
      return .init(principal: principal, since: time(fields["since"]) ?? since)
    }
  }
}
