import AWSWire
import Governance

/// Tags of accounts, units, the root and policies.
enum OrganizationTagOperations {
  static let entries: [OperationEntry] = [
    OrganizationOperations.read("ListTagsForResource") { context throws(ServiceError) in
      // All tags of a resource are on one page: no token is ever given.
      guard context.call.text("NextToken") == nil else {
        throw .organizations("InvalidInputException", "You specified an invalid next token.")
      }
      let tags = try current(context)
      return ["Tags": Document(tags.map { ["Key": Document($0.key), "Value": Document($0.value)] })]
    },
    OrganizationPolicyOperations.write("TagResource") { context, state throws(ServiceError) in
      let tags = TagOperations.merged(try current(context), with: try given(context.call))
      guard tags.count <= 50 else { throw tooMany }
      change(context, &state, to: tags)
      return .emptyObject
    },
    OrganizationPolicyOperations.write("UntagResource") { context, state throws(ServiceError) in
      let keys = context.call.texts("TagKeys")
      change(context, &state, to: try current(context).filter { !keys.contains($0.key) })
      return .emptyObject
    },
  ]

  private static let tooMany = ServiceError.constraint(
    "MAX_TAG_LIMIT_EXCEEDED", "You have exceeded the number of tags allowed on this resource.")

  /// `Tags` of a call.
  static func given(_ call: Call) throws(ServiceError) -> [Tag] {
    let tags = call.list("Tags").map { Tag(key: $0["Key"]?.string ?? "", value: $0["Value"]?.string ?? "") }
    guard Set(tags.map(\.key)).count == tags.count else {
      throw .invalidInput("You specified duplicate tag keys.", reason: "DUPLICATE_TAG_KEY")
    }
    for tag in tags {
      guard (1...128).contains(tag.key.count), tag.value.count <= 256 else {
        throw .invalidInput("You specified an invalid value.", reason: "MAX_LENGTH_EXCEEDED")
      }
      guard !tag.key.lowercased().hasPrefix("aws:") else {
        throw .invalidInput(
          "Tag keys that begin with aws: are reserved.", reason: "INVALID_SYSTEM_TAGS_PARAMETER")
      }
    }
    guard tags.count <= 50 else { throw tooMany }
    return tags
  }

  private static func current(_ context: OrganizationContext) throws(ServiceError) -> [Tag] {
    let id = try context.call.required("ResourceId")
    if id == context.organization.root { return context.organization.rootTags }
    if let unit = context.organization.unit(id) { return unit.tags }
    if let policy = context.organization.policies.first(where: { $0.id == id }) { return policy.tags }
    guard context.isMember(id), let account = context.world.account(id) else { throw .noTarget }
    return account.tags
  }

  private static func change(_ context: OrganizationContext, _ state: inout SimulatorState, to tags: [Tag]) {
    let id = context.call.text("ResourceId") ?? ""
    if var account = state.world.account(id) {
      account.tags = tags
      state.world.put(account)
      return
    }
    state.world.changeOrganization(context.organization.id) { organization in
      if id == organization.root { organization.rootTags = tags }
      if let position = organization.units.firstIndex(where: { $0.id == id }) {
        organization.units[position].tags = tags
      }
    }
    state.world.changePolicy(id, of: context.organization.id) { $0.tags = tags }
  }
}
