import AWSWire
import Determinism
import Governance

/// Policies of an organization: reading, writing, attaching.
enum OrganizationPolicyOperations {
  static let entries: [OperationEntry] =
    [
      OrganizationOperations.read("ListPolicies") { context throws(ServiceError) in
        let kind = try OrganizationPolicies.kind(context.call, "Filter")
        let own = context.organization.policies.filter { $0.kind == kind }.map(\.id)
        let builtIn = OrganizationPolicies.builtIn(kind).map { [$0] } ?? []
        return try context.list("Policies", (own + builtIn).sorted()) { OrganizationPolicies.summary($0, context) }
      },
      OrganizationOperations.read("ListPoliciesForTarget") { context throws(ServiceError) in
        let kind = try OrganizationPolicies.kind(context.call, "Filter")
        let ids = OrganizationPolicies.ids(of: kind, on: try context.target(), context)
        return try context.list("Policies", ids) { OrganizationPolicies.summary($0, context) }
      },
      OrganizationOperations.read("ListTargetsForPolicy") { context throws(ServiceError) in
        let ids = try OrganizationPolicies.targets(try context.call.required("PolicyId"), context)
        return try context.list("Targets", ids) { context.targetDocument($0) }
      },
      OrganizationOperations.read("DescribePolicy") { context throws(ServiceError) in
        let id = try context.call.required("PolicyId")
        guard let summary = OrganizationPolicies.summary(id, context) else { throw .noPolicy }
        let own = context.organization.policies.first { $0.id == id }
        let content = own?.document.json ?? OrganizationPolicies.builtInContent(id)
        return ["Policy": ["PolicySummary": summary, "Content": Document(content)]]
      },
      OrganizationOperations.read("DescribeEffectivePolicy", isForEveryMember: true) { context throws(ServiceError) in
        try effective(context)
      },
      write("CreatePolicy") { context, state throws(ServiceError) in try create(context, &state) },
      write("UpdatePolicy") { context, state throws(ServiceError) in try update(context, &state) },
      write("DeletePolicy") { context, state throws(ServiceError) in
        let policy = try OrganizationPolicies.own(context)
        guard policy.targets.isEmpty else {
          throw .organizations(
            "PolicyInUseException",
            "The policy is attached to one or more entities. You must detach it from all roots, OUs, and accounts before "
              + "performing this operation.")
        }
        state.world.changeOrganization(context.organization.id) { $0.policies.removeAll { $0.id == policy.id } }
        return .emptyObject
      },
      write("AttachPolicy") { context, state throws(ServiceError) in
        try PolicyAttachment(context).attach(&state)
        return .emptyObject
      },
      write("DetachPolicy") { context, state throws(ServiceError) in
        try PolicyAttachment(context).detach(&state)
        return .emptyObject
      },
      write("EnablePolicyType") { context, state throws(ServiceError) in try switchType(context, on: true, &state) },
      write("DisablePolicyType") { context, state throws(ServiceError) in try switchType(context, on: false, &state) },
    ] + resourcePolicyEntries

  static func write(
    _ name: String, orPolicy: Bool = true, notes: [String] = [], unestablished: [String] = [],
    _ change: @escaping @Sendable (OrganizationContext, inout SimulatorState) throws(ServiceError) -> Document
  ) -> OperationEntry {
    OperationEntry(
      "organizations", name, authorization: .resources(OrganizationTargets.targets), isMutating: true, notes: notes,
      unestablished: unestablished
    ) { call, state throws(ServiceError) in
      let context = try OrganizationContext(call, state.world)
      try context.requireManagement(orPolicy: orPolicy)
      return try change(context, &state)
    }
  }

  private static func effective(_ context: OrganizationContext) throws(ServiceError) -> Document {
    let kind = try OrganizationPolicies.kind(context.call, "PolicyType")
    guard kind.isManagement else {
      throw .invalidInput("You specified an invalid value.", reason: "INVALID_ENUM_POLICY_TYPE")
    }
    let target = context.call.text("TargetId") ?? context.call.caller.account
    if target != context.call.caller.account { try context.requireReader() }
    guard context.isMember(target) else { throw .noTarget }
    guard let document = context.world.effectivePolicy(kind, ofAccount: target) else {
      throw .organizations(
        "EffectivePolicyNotFoundException",
        "If you ran this action on the management account, this policy type is not enabled. If you ran the action on a "
          + "member account, the account doesn't have an effective policy of this type.")
    }
    return [
      "EffectivePolicy": [
        "PolicyContent": Document(document.json), "LastUpdatedTimestamp": Document(context.call.now.iso8601),
        "TargetId": Document(target), "PolicyType": Document(kind.rawValue),
      ]
    ]
  }

  // MARK: Writing

  private static func create(_ context: OrganizationContext, _ state: inout SimulatorState) throws(ServiceError)
    -> Document
  {
    let call = context.call
    let kind = try OrganizationPolicies.kind(call, "Type")
    let name = try call.required("Name")
    let (document, compiled) = try OrganizationPolicies.compiled(try call.required("Content"), kind)
    try checkName(name, kind, besides: nil, context)
    var generator = state.generator(for: "policy")
    var policy = WorldOrganizationPolicy(
      id: "p-" + generator.hexadecimal(digits: 8), name: name, description: call.text("Description") ?? "", kind: kind,
      targets: [], document: document, policy: compiled)
    policy.tags = try OrganizationTagOperations.given(call)
    state.world.changeOrganization(context.organization.id) { $0.policies.append(policy) }
    return ["Policy": ["PolicySummary": context.policySummary(policy), "Content": Document(document.json)]]
  }

  private static func checkName(
    _ name: String, _ kind: WorldOrganizationPolicy.Kind, besides id: String?, _ context: OrganizationContext
  ) throws(ServiceError) {
    guard (1...128).contains(name.count) else {
      throw .invalidInput("You specified an invalid value.", reason: "MAX_LENGTH_EXCEEDED")
    }
    guard !context.organization.policies.contains(where: { $0.name == name && $0.kind == kind && $0.id != id }) else {
      throw .organizations("DuplicatePolicyException", "A policy with the same name already exists.")
    }
  }

  private static func update(_ context: OrganizationContext, _ state: inout SimulatorState) throws(ServiceError)
    -> Document
  {
    let call = context.call
    var policy = try OrganizationPolicies.own(context)
    if let name = call.text("Name") {
      try checkName(name, policy.kind, besides: policy.id, context)
      policy.name = name
    }
    if let description = call.text("Description") { policy.description = description }
    if let content = call.text("Content") {
      (policy.document, policy.policy) = try OrganizationPolicies.compiled(content, policy.kind)
    }
    let changed = policy
    state.world.changePolicy(changed.id, of: context.organization.id) { $0 = changed }
    return ["Policy": ["PolicySummary": context.policySummary(changed), "Content": Document(changed.document.json)]]
  }

  /// "When you disable a policy type, all policies of the specified type are automatically detached."
  private static func switchType(_ context: OrganizationContext, on: Bool, _ state: inout SimulatorState)
    throws(ServiceError) -> Document
  {
    let kind = try OrganizationPolicies.kind(context.call, "PolicyType")
    guard try context.call.required("RootId") == context.organization.root else { throw .noRoot }
    let isOn = context.organization.policyKinds.contains(kind)
    guard isOn != on else {
      throw on
        ? .organizations("PolicyTypeAlreadyEnabledException", "The specified policy type is already enabled.")
        : .typeNotEnabled
    }
    state.world.changeOrganization(context.organization.id) { organization in
      guard !on else {
        organization.policyKinds.insert(kind)
        return
      }
      organization.policyKinds.remove(kind)
      // Switched on again, FullAWSAccess is everywhere.
      if kind == .serviceControl { organization.withoutFullAccess = [] }
      organization.policies = organization.policies.map { policy in
        var policy = policy
        if policy.kind == kind { policy.targets = [] }
        return policy
      }
    }
    return ["Root": try OrganizationContext(context.call, state.world).rootDocument]
  }

  // MARK: The policy that lets members act

  private static let resourcePolicyEntries: [OperationEntry] = [
    OrganizationOperations.read("DescribeResourcePolicy") { context throws(ServiceError) in
      guard let text = context.organization.resourcePolicy else { throw noResourcePolicy }
      return ["ResourcePolicy": resourcePolicy(text, context)]
    },
    write("PutResourcePolicy", orPolicy: false) { context, state throws(ServiceError) in
      let text = try context.call.required("Content")
      guard (try? Policy(json: text, kind: .resource)) != nil, text.count <= 40_000 else {
        throw .invalidInput(
          "The provided policy document does not meet the requirements.", reason: "INVALID_RESOURCE_POLICY_JSON")
      }
      state.world.changeOrganization(context.organization.id) { $0.resourcePolicy = text }
      return ["ResourcePolicy": resourcePolicy(text, context)]
    },
    write("DeleteResourcePolicy", orPolicy: false) { context, state throws(ServiceError) in
      guard context.organization.resourcePolicy != nil else { throw noResourcePolicy }
      state.world.changeOrganization(context.organization.id) { $0.resourcePolicy = nil }
      return .emptyObject
    },
  ]

  private static let noResourcePolicy = ServiceError.organizations(
    "ResourcePolicyNotFoundException", "We can't find a resource policy request with the parameter that you specified.")

  private static func resourcePolicy(_ text: String, _ context: OrganizationContext) -> Document {
    let id = "rp-" + String(context.organization.id.dropFirst(2).prefix(8))
    return [
      "ResourcePolicySummary": [
        "Id": Document(id), "Arn": Document(context.arn("resourcepolicy/\(context.organization.id)/\(id)")),
      ],
      "Content": Document(text),
    ]
  }
}

extension World {
  mutating func changeOrganization(_ id: String, _ change: (inout WorldOrganization) -> Void) {
    guard let position = organizations.firstIndex(where: { $0.id == id }) else { return }
    change(&organizations[position])
  }

  mutating func changePolicy(
    _ id: String, of organization: String, _ change: (inout WorldOrganizationPolicy) -> Void
  ) {
    changeOrganization(organization) { organization in
      guard let position = organization.policies.firstIndex(where: { $0.id == id }) else { return }
      change(&organization.policies[position])
    }
  }
}
