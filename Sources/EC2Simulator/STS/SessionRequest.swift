import AWSWire
import Governance

/// What AssumeRole and AssumeRoleWithWebIdentity have in common: a role, a session's name and duration, and policies that
/// narrow it.
struct SessionRequest {
  var role: ARN
  var roleText: String
  var sessionName: String
  var duration: Int
  var policyText: String?
  private var policy: Policy?
  private var policyARNs: [String]

  init(_ call: Call) throws(ServiceError) {
    roleText = try call.required("RoleArn")
    sessionName = try call.required("RoleSessionName")
    duration = call.integer("DurationSeconds") ?? 3_600
    policyText = call.text("Policy")
    policyARNs = call.list("PolicyArns").compactMap { $0["arn"]?.string }
    guard let arn = ARN(roleText) else { throw .sts("ValidationError", "\(roleText) is invalid") }
    role = arn
    try checkSchema()
    guard arn.service == "iam", arn.resource.hasPrefix("role/"), Account.isID(arn.account) else {
      throw .sts("ValidationError", "\(roleText) is invalid")
    }
    guard let policyText else { return }
    do {
      policy = try Policy.session(json: policyText)
    } catch {
      throw .sts("MalformedPolicyDocument", error.text)
    }
  }

  private func checkSchema() throws(ServiceError) {
    try STSConstraint.check(sessionName, "roleSessionName", 2...64, .name)
    if let policyText { try STSConstraint.check(policyText, "policy", 1...2_048, .any) }
    try STSConstraint.check(roleText, "roleArn", 20...2_048, .any)
    try STSConstraint.check(duration, "durationSeconds", 900...43_200)
    guard policyARNs.count <= 10 else {
      throw STSConstraint.violation(
        "[\(policyARNs.count) policies]", "policyArns", "less than or equal to 10", "length")
    }
  }

  /// The role, if it is there. One that is not there and one that may not be assumed get the same answer.
  func foundRole(in world: World) -> (account: WorldAccount, role: WorldRole)? {
    // From behind, for paths have slashes as well.
    guard let slash = role.resource.utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
    let name = String(role.resource[role.resource.utf8.index(after: slash)...])
    guard role.partition == world.partition.rawValue, let account = world.account(role.account), account.isUsable,
      let found = account.role(named: name), isResource(of: found)
    else { return nil }
    return (account, found)
  }

  /// `role/path/name`, part by part: no text is made for a comparison.
  private func isResource(of found: WorldRole) -> Bool {
    let resource = role.resource.utf8
    let path = found.path.utf8
    return resource.count == 4 + path.count + found.name.utf8.count && role.resource.hasPrefix("role")
      && resource.dropFirst(4).starts(with: path) && resource.dropFirst(4 + path.count).elementsEqual(found.name.utf8)
  }

  /// After the schema: the role's maximum, then the limit of chains.
  func checkDuration(role: WorldRole, isChained: Bool) throws(ServiceError) {
    guard Duration.seconds(duration) <= role.maximumSession else {
      throw .sts(
        "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    }
    guard !isChained || duration <= 3_600 else {
      throw .sts(
        "ValidationError",
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
    }
  }

  /// "The resulting session's permissions are the intersection": nil when nothing narrows it. Managed policies are the
  /// account's own or AWS's.
  func policies(in account: WorldAccount, _ world: World) throws(ServiceError) -> [Policy]? {
    var all = policy.map { [$0] } ?? []
    for arn in policyARNs {
      guard let managed = world.managedPolicy(arn: arn, in: account) else {
        throw .sts("ValidationError", "The policy \(arn) does not exist or is not attachable.")
      }
      all.append(managed)
    }
    return policy == nil && policyARNs.isEmpty ? nil : all
  }

  /// "A percentage value that indicates the packed size of the session policies and session tags". How AWS packs is not
  /// published: here the policy without its white space, the ARNs and the tags, of 2,048 bytes.
  func packedSize(tags: [Tag]) throws(ServiceError) -> Int? {
    guard policyText != nil || !policyARNs.isEmpty || !tags.isEmpty else { return nil }
    let policySize =
      (policyText?.utf8.count { ![32, 9, 10, 13].contains($0) } ?? 0) + policyARNs.reduce(0) { $0 + $1.utf8.count }
    let tagSize = tags.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
    let percent = max(1, (policySize + tagSize) * 100 / 2_048)
    guard percent > 100 else { return percent }
    throw .sts(
      "PackedPolicyTooLarge",
      tagSize > policySize
        ? "Packed size of session tags consumes \(percent)% of allotted space."
        : "Packed policy consumes \(percent)% of allotted space, please use smaller policy.")
  }
}

/// The constraints of STS's model, and its words where one is violated.
enum STSConstraint {
  enum Letters {
    case any, name, externalID

    var pattern: String {
      switch self {
      case .any: ""
      case .name: "[\\w+=,.@-]*"
      case .externalID: "[\\w+=,.@:\\/-]*"
      }
    }

    /// Of a character that is more than a byte of ASCII, none.
    func allow(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "="),
        UInt8(ascii: ","), UInt8(ascii: "."), UInt8(ascii: "@"), UInt8(ascii: "-"):
        true
      case UInt8(ascii: ":"), UInt8(ascii: "/"): self != .name
      default: self == .any
      }
    }
  }

  static func check(_ text: String, _ member: String, _ length: ClosedRange<Int>, _ letters: Letters)
    throws(ServiceError)
  {
    let count = text.utf8.allSatisfy { $0 < 128 } ? text.utf8.count : text.count
    guard count >= length.lowerBound else {
      throw violation(text, member, "greater than or equal to \(length.lowerBound)", "length")
    }
    guard count <= length.upperBound else {
      throw violation(text, member, "less than or equal to \(length.upperBound)", "length")
    }
    guard letters == .any || text.utf8.allSatisfy(letters.allow) else {
      throw violation(text, member, "Member must satisfy regular expression pattern: \(letters.pattern)")
    }
  }

  static func check(_ number: Int, _ member: String, _ range: ClosedRange<Int>) throws(ServiceError) {
    guard number >= range.lowerBound else {
      throw violation("\(number)", member, "greater than or equal to \(range.lowerBound)", "value")
    }
    guard number <= range.upperBound else {
      throw violation("\(number)", member, "less than or equal to \(range.upperBound)", "value")
    }
  }

  static func violation(_ value: String, _ member: String, _ bound: String, _ what: String) -> ServiceError {
    violation(value, member, "Member must have \(what) \(bound)")
  }

  static func violation(_ value: String, _ member: String, _ text: String) -> ServiceError {
    .sts(
      "ValidationError",
      "1 validation error detected: Value '\(value)' at '\(member)' failed to satisfy constraint: \(text)")
  }
}
