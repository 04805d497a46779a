import AWSWire
import Governance

/// A call of IAM with the caller's account, and how its things are found.
struct IAMContext {
  var call: Call
  var world: World
  var account: WorldAccount

  init(_ call: Call, _ world: World) throws(ServiceError) {
    guard let account = world.account(call.caller.account) else { throw .noEntity("The account cannot be found.") }
    self.call = call
    self.world = world
    self.account = account
  }

  func arn(_ resource: String) -> String { world.iamARN(account: account.id, resource) }

  // MARK: Finding

  func role() throws(ServiceError) -> WorldRole {
    let name = try call.required("RoleName")
    guard let role = account.role(named: name) else { throw .noEntity("The role with name \(name) cannot be found.") }
    return role
  }

  /// "If you do not specify a user name, IAM determines it implicitly from the access key."
  func userName() throws(ServiceError) -> String {
    if let name = call.text("UserName"), !name.isEmpty { return name }
    switch call.caller.kind {
    case .user: return String(call.caller.arn.split(separator: "/").last ?? "")
    case .root: return "root"
    default: throw .iam("ValidationError", "Must specify userName when calling with non-User credentials")
    }
  }

  func user() throws(ServiceError) -> WorldUser {
    let name = try userName()
    guard let user = account.user(named: name) else { throw .noEntity("The user with name \(name) cannot be found.") }
    return user
  }

  func group() throws(ServiceError) -> WorldGroup {
    let name = try call.required("GroupName")
    guard let group = account.groups.first(where: { $0.name == name }) else {
      throw .noEntity("The group with name \(name) cannot be found.")
    }
    return group
  }

  /// A customer managed policy of the account.
  func ownPolicy() throws(ServiceError) -> WorldManagedPolicy {
    let arn = try call.required("PolicyArn")
    guard let policy = account.policy(arn: arn), self.arn("policy\(policy.path)\(policy.name)") == arn else {
      if ManagedPolicyCatalog.entry(arn) != nil {
        throw .iam("AccessDenied", "Policy \(arn) is AWS's own and cannot be changed.", status: 403)
      }
      throw .noEntity("Policy \(arn) was not found.")
    }
    return policy
  }

  /// What a policy's ARN stands for, if it can be attached.
  func attachable(_ parameter: String) throws(ServiceError) -> String {
    let arn = try call.required(parameter)
    guard world.managedPolicy(arn: arn, in: account) != nil else {
      throw .noEntity("Policy \(arn) does not exist or is not attachable.")
    }
    return arn
  }

  // MARK: Pages

  /// By names, sorted.
  func list(_ member: String, _ names: [String], _ print: (String) -> Document?) throws(ServiceError) -> Document {
    let (found, next) = try page(names)
    return Document(entries: [
      (member, Document(found.compactMap(print))), ("IsTruncated", Document(next != nil)),
      ("Marker", next.map { Document($0) }),
    ])
  }

  /// "MaxItems: if you do not include this parameter, the number of items defaults to 100."
  func page(_ names: [String]) throws(ServiceError) -> (names: [String], next: String?) {
    let limit = call.integer("MaxItems") ?? 100
    guard (1...1_000).contains(limit) else {
      throw STSConstraint.violation(
        "\(limit)", "maxItems", limit < 1 ? "greater than or equal to 1" : "less than or equal to 1000", "value")
    }
    var page = Page(limit: limit)
    if let marker = call.text("Marker"), !marker.isEmpty {
      guard let name = Page.id(inToken: marker) else { throw .iam("ValidationError", "Invalid Marker.") }
      page.after = name
    }
    let (found, next) = page.cut(names.sorted())
    return (found, next)
  }

  func hasPath(_ path: String) -> Bool { call.text("PathPrefix").map { path.hasPrefix($0) } ?? true }
}

// MARK: What is given

extension IAMContext {
  /// `Path`, `/` when nothing is said.
  func path() throws(ServiceError) -> String {
    guard let path = call.text("Path") else { return "/" }
    guard path.hasPrefix("/"), path.hasSuffix("/"), path.count <= 512, !path.contains("//") else {
      throw .iam(
        "ValidationError",
        "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters "
          + "and/or / characters.")
    }
    return path
  }

  func newName(_ parameter: String, limit: Int) throws(ServiceError) -> String {
    let name = try call.required(parameter)
    let member = parameter.prefix(1).lowercased() + parameter.dropFirst()
    guard name.count <= limit else {
      throw STSConstraint.violation(name, String(member), "less than or equal to \(limit)", "length")
    }
    guard name.allSatisfy({ ($0.isASCII && ($0.isLetter || $0.isNumber)) || "+=,.@_-".contains($0) }) else {
      throw .iam(
        "ValidationError",
        "The specified value for \(member) is invalid. It must contain only alphanumeric characters and/or the following: "
          + "+=,.@_-")
    }
    return name
  }

  /// `Tags`, at most fifty on top of what is there.
  func tags(over current: [Tag] = []) throws(ServiceError) -> [Tag] {
    let given = call.list("Tags").map { Tag(key: $0["Key"]?.string ?? "", value: $0["Value"]?.string ?? "") }
    guard Set(given.map { $0.key.lowercased() }).count == given.count else {
      throw .iam("InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    }
    for (position, tag) in given.enumerated() {
      try STSConstraint.check(tag.key, "tags.\(position + 1).member.key", 1...128, .any)
      try STSConstraint.check(tag.value, "tags.\(position + 1).member.value", 0...256, .any)
      guard !tag.key.lowercased().hasPrefix("aws:") else {
        throw .iam("InvalidInput", "Tag keys that begin with aws: are reserved.")
      }
    }
    let merged = TagOperations.merged(current, with: given)
    guard merged.count <= 50 else {
      throw .iam("LimitExceeded", "The number of tags has reached the maximum limit.", status: 409)
    }
    return merged
  }

  /// A policy's text. `limit` counts its characters without white space.
  func policy(_ parameter: String, kind: Policy.Kind, limit: Int, quota: String) throws(ServiceError) -> Policy {
    let text = try call.required(parameter)
    guard text.utf8.count(where: { ![32, 9, 10, 13].contains($0) }) <= limit else {
      throw .iam("LimitExceeded", "Cannot exceed quota for \(quota): \(limit)", status: 409)
    }
    do {
      return try Policy(json: text, kind: kind)
    } catch {
      throw .iam("MalformedPolicyDocument", error.text)
    }
  }

  /// A trust policy: only of STS's actions, and of principals that exist where the world knows their account.
  func trustPolicy(_ parameter: String) throws(ServiceError) -> Policy {
    let policy = try policy(parameter, kind: .trust, limit: 2_048, quota: "ACLSizePerRole")
    for statement in policy.statements {
      guard statement.actions.patterns.allSatisfy({ $0.text.lowercased().hasPrefix("sts:") || $0.text == "*" }) else {
        throw .iam("MalformedPolicyDocument", "AssumeRole policy may only specify STS AssumeRole actions.")
      }
      for case .arn(let text) in statement.principals.list {
        guard let arn = ARN(text), let other = world.account(arn.account), arn.service == "iam" else { continue }
        let name = String(arn.resource.split(separator: "/").last ?? "")
        let isThere = arn.resource.hasPrefix("role/") ? other.role(named: name) != nil : other.user(named: name) != nil
        guard isThere else {
          throw .iam("MalformedPolicyDocument", "Invalid principal in policy: \"AWS\":\"\(text)\"")
        }
      }
    }
    return policy
  }
}

extension ServiceError {
  static func iam(_ code: String, _ message: String, status: Int = 400) -> ServiceError {
    ServiceError(status: status, code: code, message: message)
  }
  static func noEntity(_ message: String) -> ServiceError { iam("NoSuchEntity", message, status: 404) }
  static func exists(_ message: String) -> ServiceError { iam("EntityAlreadyExists", message, status: 409) }
  static func deleteConflict(_ message: String) -> ServiceError { iam("DeleteConflict", message, status: 409) }
}
