import ReevePluginKit

/// Proposes the tag operations that can be derived: a misspelled key is renamed, a missing tag with a default is set.
/// A valid value is never touched, an invalid one is left to a person, and so is whatever is ambiguous.
public struct RequiredTagsTagger: Tagger {
  private let rules: [TagRule]
  private let organization: Organization

  public init(configuration: Document, organization: Organization) throws {
    rules = try TagRule.list(configuration)
    self.organization = organization
  }

  public func propose(_ resource: borrowing Resource) throws -> [TagOperation] {
    guard resource.type == "ec2:image" else { return [] }
    let account = resource.account.string
    var operations: [TagOperation] = []
    var done: Set<String> = []
    for rule in rules where rule.binds(account: account, in: organization) == true {
      guard done.insert(rule.key).inserted, let operation = try operation(rule, on: resource, account) else { continue }
      operations.append(operation)
    }
    return operations
  }

  private func operation(
    _ rule: TagRule, on resource: borrowing Resource, _ account: String
  ) throws -> TagOperation? {
    let current = try resource.tag(rule.key)?.string
    // A value that says something is a person's to correct; one that says nothing may be filled in.
    if let current, !current.allSatisfy(\.isWhitespace) { return nil }
    let spelled = try Spellings(of: rule, on: resource).tags.filter { rule.accepts($0.value) }
    let values = Set(spelled.map(\.value))
    if let first = spelled.first {
      // Two spellings that disagree: which one holds is not ours to say.
      guard values.count == 1 else { return nil }
      if current == nil {
        return .rename(
          key: first.key, newKey: rule.key,
          reason: "\"\(first.key)\" is another spelling of the required \"\(rule.key)\"")
      }
      return .set(
        key: rule.key, value: first.value, reason: "\"\(rule.key)\" is empty, and \"\(first.key)\" has its value")
    }
    guard let value = rule.defaultValue(for: account) else { return nil }
    let source = rule.defaultByAccount[account] == nil ? "the default" : "the default of account \(account)"
    return .set(key: rule.key, value: value, reason: "\"\(rule.key)\" is required; the value is \(source)")
  }
}
