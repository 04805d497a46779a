import ReevePluginKit

/// `image.required-tags`: every required tag is there with an allowed value.
public struct RequiredTags: Check {
  public static var id: StaticString { "image.required-tags" }
  private let rules: [TagRule]
  private let organization: Organization

  public init(configuration: Document, organization: Organization) throws {
    rules = try TagRule.list(configuration)
    self.organization = organization
  }

  public func evaluate(_ resource: borrowing Resource) throws -> Verdict {
    guard resource.type == "ec2:image" else { return .notApplicable }
    let account = resource.account.string
    var problems: [String] = []
    var evidence: [(name: String, value: Document)] = []
    var bound = 0
    var isUnitUnknown = false
    for rule in rules {
      guard let binds = rule.binds(account: account, in: organization) else {
        isUnitUnknown = true
        continue
      }
      guard binds else { continue }
      bound += 1
      let value = try resource.tag(rule.key)?.string
      if let value, rule.accepts(value) { continue }
      problems.append(try problem(with: value, rule, of: resource))
      evidence.append((name: rule.key, value: value.map { .string($0) } ?? .null))
    }
    if !problems.isEmpty {
      return .fail(
        "image \(resource.id): \(problems.joined(separator: "; "))", evidence: ["Tags": .object(evidence)])
    }
    if isUnitUnknown { return unitUnknown(account) }
    return bound == 0 ? .notApplicable : .pass
  }

  private func problem(with value: String?, _ rule: TagRule, of resource: borrowing Resource) throws -> String {
    guard let value else {
      let spelled = try Spellings(of: rule, on: resource).keys
      let hint = spelled.isEmpty ? "" : " (it has \(spelled.map { "\"\($0)\"" }.joined(separator: ", ")))"
      return "tag \"\(rule.key)\" is missing\(hint)"
    }
    return "tag \"\(rule.key)\" is \"\(value)\", expected \(rule.expectation)"
  }

  private func unitUnknown(_ account: String) -> Verdict {
    let reason = organization.membershipReason.isEmpty ? "" : ": \(organization.membershipReason)"
    return .notEvaluated(
      code: "MembershipUnknown",
      message: "the organizational unit of account \(account) is not known, and a required tag depends on it\(reason)")
  }
}

/// The tags of a resource that mean a rule's key but are spelled otherwise.
struct Spellings {
  /// Named aliases first, in their order, then other cases of the key.
  let tags: [(key: String, value: String)]
  var keys: [String] { tags.map(\.key) }

  init(of rule: TagRule, on resource: borrowing Resource) throws {
    let all = try resource.tags.map { (key: $0.key.string, value: $0.value.string) }
    let named = rule.aliases.flatMap { alias in all.filter { $0.key == alias } }
    let lowered = rule.key.lowercased()
    let cased = all.filter { tag in
      tag.key != rule.key && tag.key.lowercased() == lowered && !rule.aliases.contains(tag.key)
    }
    tags = (named + cased).filter { !$0.key.isReservedTagKey }
  }
}
