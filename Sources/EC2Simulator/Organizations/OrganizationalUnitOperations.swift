import AWSWire
import Determinism
import Governance

/// Organizational units, and which account is in which.
enum OrganizationalUnitOperations {
  static let entries: [OperationEntry] = [
    OrganizationPolicyOperations.write("CreateOrganizationalUnit", orPolicy: false) {
      context, state throws(ServiceError) in
      let parent = try context.container()
      let name = try name(in: parent, besides: nil, context)
      // [doc] "OU maximum depth: five levels of OUs under a root."
      let above = context.organization.unit(parent).map { context.organization.ancestors(ofUnit: $0).count } ?? 0
      guard above < 5 else {
        throw .constraint("OU_DEPTH_LIMIT_EXCEEDED", "You have exceeded the maximum depth of organizational units.")
      }
      var generator = state.generator(for: "unit")
      let id = "ou-\(context.organization.root.dropFirst(2))-\(generator.hexadecimal(digits: 8))"
      let unit = WorldUnit(id: id, name: name, parent: parent, tags: try OrganizationTagOperations.given(context.call))
      state.world.changeOrganization(context.organization.id) { $0.units.append(unit) }
      return try answer(id, context, state)
    },
    OrganizationPolicyOperations.write("UpdateOrganizationalUnit", orPolicy: false) {
      context, state throws(ServiceError) in
      let unit = try context.unit()
      if context.call.text("Name") != nil {
        let name = try name(in: unit.parent, besides: unit.id, context)
        state.world.changeOrganization(context.organization.id) { organization in
          guard let position = organization.units.firstIndex(where: { $0.id == unit.id }) else { return }
          organization.units[position].name = name
        }
      }
      return try answer(unit.id, context, state)
    },
    OrganizationPolicyOperations.write("DeleteOrganizationalUnit", orPolicy: false) {
      context, state throws(ServiceError) in
      let unit = try context.unit()
      guard context.units(in: unit.id).isEmpty, context.accounts(in: unit.id).isEmpty else {
        throw .organizations(
          "OrganizationalUnitNotEmptyException",
          "The specified OU is not empty. Move all accounts to another root or to other OUs, remove all child OUs, and try "
            + "the operation again.")
      }
      state.world.changeOrganization(context.organization.id) { organization in
        organization.units.removeAll { $0.id == unit.id }
        organization.forget(target: unit.id)
      }
      return .emptyObject
    },
    OrganizationPolicyOperations.write("MoveAccount", orPolicy: false) { context, state throws(ServiceError) in
      var account = try context.account()
      let source = try context.container(
        "SourceParentId",
        orElse: .organizations(
          "SourceParentNotFoundException",
          "We can't find a source root or OU with the ParentId that you specified."))
      let destination = try context.container(
        "DestinationParentId",
        orElse: .organizations(
          "DestinationParentNotFoundException",
          "We can't find the destination container (a root or OU) with the ParentId that you specified."))
      guard account.parent == source else { throw .noAccount }
      guard source != destination else {
        throw .organizations(
          "DuplicateAccountException", "That account is already present in the specified destination.")
      }
      account.parent = destination
      state.world.put(account)
      return .emptyObject
    },
  ]

  private static func name(in parent: String, besides id: String?, _ context: OrganizationContext) throws(ServiceError)
    -> String
  {
    let name = try context.call.required("Name")
    guard name.count <= 128 else {
      throw .invalidInput("You specified an invalid value.", reason: "MAX_LENGTH_EXCEEDED")
    }
    guard !context.organization.units.contains(where: { $0.parent == parent && $0.name == name && $0.id != id }) else {
      throw .organizations(
        "DuplicateOrganizationalUnitException", "An OU with the same name already exists.")
    }
    return name
  }

  private static func answer(_ id: String, _ context: OrganizationContext, _ state: SimulatorState) throws(ServiceError)
    -> Document
  {
    Document(entries: [("OrganizationalUnit", try OrganizationContext(context.call, state.world).unitDocument(id))])
  }
}

extension WorldOrganization {
  /// What is gone has nothing attached to it.
  mutating func forget(target: String) {
    withoutFullAccess.remove(target)
    guard policies.contains(where: { $0.targets.contains(target) }) else { return }
    policies = policies.map { policy in
      var policy = policy
      policy.targets.removeAll { $0 == target }
      return policy
    }
  }
}
