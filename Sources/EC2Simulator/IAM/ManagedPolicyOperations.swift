import AWSWire
import Governance

/// Customer managed policies, and AWS's own to read.
enum ManagedPolicyOperations {
  static let entries: [OperationEntry] =
    [
      .iamChange("CreatePolicy", IAMTargets.policy) { context, account, state throws(ServiceError) in
        let name = try context.newName("PolicyName", limit: 128)
        guard !account.policies.contains(where: { $0.name.lowercased() == name.lowercased() }) else {
          throw .exists("A policy called \(name) already exists. Duplicate names are not allowed.")
        }
        let document = try context.policy("PolicyDocument", kind: .identity, limit: 6_144, quota: "PolicySize")
        let now = context.call.now
        var policy = WorldManagedPolicy(
          name: name, path: try context.path(), versions: [.init(id: "v1", policy: document, created: now)],
          defaultVersion: "v1")
        policy.id = "ANPA" + state.newText("policy-id", length: 17, alphabet: SimulatorState.keyAlphabet)
        policy.description = context.call.text("Description")
        policy.created = now
        policy.updated = now
        policy.tags = try context.tags()
        account.policies.append(policy)
        return ["Policy": context.document(policy)]
      },
      .iamRead("GetPolicy", IAMTargets.policy) { context throws(ServiceError) in
        if let entry = catalogEntry(context) { return ["Policy": context.document(entry)] }
        return ["Policy": context.document(try context.ownPolicy())]
      },
      .iamRead(
        "ListPolicies",
        notes: ["Of AWS's own policies those that can be attached here, with their actions on what is simulated."]
      ) { context throws(ServiceError) in try list(context) },
      .iamChange("DeletePolicy", IAMTargets.policy) { context, account, _ throws(ServiceError) in
        let policy = try context.ownPolicy()
        let arn = context.call.text("PolicyArn") ?? ""
        guard context.attachments(of: arn).isEmpty else {
          throw .deleteConflict("Cannot delete a policy attached to entities.")
        }
        guard policy.versions.count == 1 else {
          throw .deleteConflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The "
              + "default version is deleted with the policy.")
        }
        account.policies.removeAll { $0.name == policy.name }
        return .emptyObject
      },
      .iamRead("ListEntitiesForPolicy", IAMTargets.policy) { context throws(ServiceError) in
        try entities(context)
      },
    ] + versions

  private static func catalogEntry(_ context: IAMContext) -> ManagedPolicyCatalog.Entry? {
    context.call.text("PolicyArn").flatMap { $0.hasPrefix("arn:") ? ManagedPolicyCatalog.entry($0) : nil }
  }

  private static func list(_ context: IAMContext) throws(ServiceError) -> Document {
    let scope = context.call.text("Scope") ?? "All"
    var documents: [String: Document] = [:]
    if scope != "AWS" {
      for policy in context.account.policies where context.hasPath(policy.path) {
        documents[policy.name] = context.document(policy, inList: true)
      }
    }
    if scope != "Local" {
      for name in ManagedPolicyCatalog.names {
        guard let entry = ManagedPolicyCatalog.entry(name), context.hasPath(entry.path) else { continue }
        // Two of a name sort side by side.
        documents[documents[name] == nil ? name : name + "\u{0}"] = context.document(entry)
      }
    }
    switch context.call.text("PolicyUsageFilter") {
    case "PermissionsPolicy": documents = documents.filter { $0.value["AttachmentCount"] != 0 }
    case "PermissionsBoundary": documents = documents.filter { $0.value["PermissionsBoundaryUsageCount"] != 0 }
    default: break
    }
    if context.call.bool("OnlyAttached") { documents = documents.filter { $0.value["AttachmentCount"] != 0 } }
    return try context.list("Policies", Array(documents.keys)) { documents[$0] }
  }

  // MARK: Entities

  private static func entities(_ context: IAMContext) throws(ServiceError) -> Document {
    let arn = try context.attachable("PolicyArn")
    let wanted = context.call.text("EntityFilter")
    let usage = context.call.text("PolicyUsageFilter")
    var documents: [String: (principal: IAMPrincipal, document: Document)] = [:]
    for principal in IAMPrincipal.allCases where wanted == nil || wanted == principal.rawValue {
      for entity in principal.all(in: context.account) {
        let isAttached = entity.permissions.attached.contains(arn) && usage != "PermissionsBoundary"
        let isBoundary = entity.permissions.boundary == arn && usage != "PermissionsPolicy"
        guard isAttached || isBoundary, context.hasPath(principal.path(ofNamed: entity.name, in: context.account))
        else { continue }
        documents["\(principal.rawValue)/\(entity.name)"] = (principal, reference(to: entity.name, principal, context))
      }
    }
    let (found, next) = try context.page(Array(documents.keys))
    func part(_ principal: IAMPrincipal) -> Document {
      Document(found.compactMap { documents[$0] }.filter { $0.principal == principal }.map(\.document))
    }
    return Document(entries: [
      ("PolicyGroups", part(.group)), ("PolicyUsers", part(.user)), ("PolicyRoles", part(.role)),
      ("IsTruncated", Document(next != nil)), ("Marker", next.map { Document($0) }),
    ])
  }

  private static func reference(to name: String, _ principal: IAMPrincipal, _ context: IAMContext) -> Document {
    let id: Document? =
      switch principal {
      case .role:
        context.account.role(named: name).map { Document(context.world.roleID($0, in: context.account.id)) }
      case .user:
        context.account.user(named: name).map { Document(context.world.userID($0, in: context.account.id)) }
      case .group: context.account.groups.first { $0.name == name }.flatMap { context.document($0)["GroupId"] }
      }
    return Document(entries: [("\(principal.rawValue)Name", Document(name)), ("\(principal.rawValue)Id", id)])
  }

  // MARK: Versions

  private static let versions: [OperationEntry] = [
    .iamChange("CreatePolicyVersion", IAMTargets.policy) { context, account, _ throws(ServiceError) in
      var policy = try context.ownPolicy()
      guard policy.versions.count < 5 else {
        throw .iam(
          "LimitExceeded",
          "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.",
          status: 409)
      }
      let document = try context.policy("PolicyDocument", kind: .identity, limit: 6_144, quota: "PolicySize")
      let newest = policy.versions.compactMap { Int($0.id.dropFirst()) }.max() ?? 0
      let version = WorldManagedPolicy.Version(id: "v\(newest + 1)", policy: document, created: context.call.now)
      policy.versions.append(version)
      if context.call.bool("SetAsDefault") { policy.defaultVersion = version.id }
      policy.updated = context.call.now
      put(policy, in: &account)
      return ["PolicyVersion": context.document(version, of: policy, withDocument: false)]
    },
    .iamRead("GetPolicyVersion", IAMTargets.policy) { context throws(ServiceError) in
      if let entry = catalogEntry(context), context.call.text("VersionId") == entry.version {
        return [
          "PolicyVersion": [
            "Document": context.encoded(entry.policy), "VersionId": Document(entry.version), "IsDefaultVersion": true,
            "CreateDate": Document(entry.created),
          ]
        ]
      }
      let policy = try context.ownPolicy()
      return ["PolicyVersion": context.document(try version(context, policy), of: policy, withDocument: true)]
    },
    .iamRead("ListPolicyVersions", IAMTargets.policy) { context throws(ServiceError) in
      if let entry = catalogEntry(context) {
        return try context.list("Versions", [entry.version]) { _ in
          ["VersionId": Document(entry.version), "IsDefaultVersion": true, "CreateDate": Document(entry.created)]
        }
      }
      let policy = try context.ownPolicy()
      return try context.list("Versions", policy.versions.map(\.id)) { id in
        policy.versions.first { $0.id == id }.map { context.document($0, of: policy, withDocument: false) }
      }
    },
    .iamChange("SetDefaultPolicyVersion", IAMTargets.policy) { context, account, _ throws(ServiceError) in
      var policy = try context.ownPolicy()
      policy.defaultVersion = try version(context, policy).id
      policy.updated = context.call.now
      put(policy, in: &account)
      return .emptyObject
    },
    .iamChange("DeletePolicyVersion", IAMTargets.policy) { context, account, _ throws(ServiceError) in
      var policy = try context.ownPolicy()
      let version = try version(context, policy)
      guard version.id != policy.defaultVersion else {
        throw .deleteConflict("Cannot delete the default version of a policy.")
      }
      policy.versions.removeAll { $0.id == version.id }
      put(policy, in: &account)
      return .emptyObject
    },
  ]

  private static func version(_ context: IAMContext, _ policy: WorldManagedPolicy) throws(ServiceError)
    -> WorldManagedPolicy.Version
  {
    let id = try context.call.required("VersionId")
    guard let version = policy.versions.first(where: { $0.id == id }) else {
      throw .noEntity(
        "Policy \(context.call.text("PolicyArn") ?? "") version \(id) does not exist or is not attachable.")
    }
    return version
  }

  static func put(_ policy: WorldManagedPolicy, in account: inout WorldAccount) {
    guard let position = account.policies.firstIndex(where: { $0.name == policy.name }) else { return }
    account.policies[position] = policy
  }
}
