import AWSWire
import Governance

/// The ARNs that calls of IAM are authorized on, with the keys that conditions can ask for.
enum IAMTargets {
  static let role: @Sendable (Call, World) -> [Authorizer.Target] = { call, world in
    let account = world.account(call.caller.account)
    let found = account?.role(named: call.text("RoleName") ?? "")
    let path = found?.path ?? call.text("Path") ?? "/"
    return [target("role\(path)\(call.text("RoleName") ?? "*")", call, world, tags: found?.tags ?? [])]
  }

  static let user: @Sendable (Call, World) -> [Authorizer.Target] = { call, world in
    let name =
      call.text("UserName")
      ?? (call.caller.kind == .user ? String(call.caller.arn.split(separator: "/").last ?? "") : "*")
    let found = world.account(call.caller.account)?.user(named: name)
    return [target("user\(found?.path ?? call.text("Path") ?? "/")\(name)", call, world, tags: found?.tags ?? [])]
  }

  static let group: @Sendable (Call, World) -> [Authorizer.Target] = { call, world in
    let name = call.text("GroupName") ?? "*"
    let found = world.account(call.caller.account)?.groups.first { $0.name == name }
    return [target("group\(found?.path ?? call.text("Path") ?? "/")\(name)", call, world, tags: [])]
  }

  static let policy: @Sendable (Call, World) -> [Authorizer.Target] = { call, world in
    let arn = call.text("PolicyArn")
    let own = arn.flatMap { world.account(call.caller.account)?.policy(arn: $0) }
    var target = target(
      "policy\(call.text("Path") ?? "/")\(call.text("PolicyName") ?? "*")", call, world, tags: own?.tags ?? [])
    if let arn { target.resource = arn }
    return [target]
  }

  private static func target(_ resource: String, _ call: Call, _ world: World, tags: [Tag]) -> Authorizer.Target {
    var target = Authorizer.Target(resource: world.iamARN(account: call.caller.account, resource))
    if let arn = call.text("PolicyArn") { target.context["iam:policyarn"] = [arn] }
    if let arn = call.text("PermissionsBoundary") { target.context["iam:permissionsboundary"] = [arn] }
    for tag in tags {
      target.context["aws:resourcetag/\(tag.key.lowercased())"] = [tag.value]
      target.context["iam:resourcetag/\(tag.key.lowercased())"] = [tag.value]
    }
    for tag in call.list("Tags") {
      target.context["aws:requesttag/\((tag["Key"]?.string ?? "").lowercased())"] = [tag["Value"]?.string ?? ""]
    }
    let keys = call.list("Tags").compactMap { $0["Key"]?.string } + call.texts("TagKeys")
    if !keys.isEmpty { target.context["aws:tagkeys"] = keys }
    return target
  }
}

extension OperationEntry {
  typealias IAMRead = @Sendable (IAMContext) throws(ServiceError) -> Document
  typealias IAMChange =
    @Sendable (IAMContext, inout WorldAccount, inout SimulatorState) throws(ServiceError) -> Document

  static func iamRead(
    _ name: String, _ targets: (@Sendable (Call, World) -> [Authorizer.Target])? = nil, notes: [String] = [],
    _ answer: @escaping IAMRead
  ) -> OperationEntry {
    OperationEntry(
      "iam", name, authorization: targets.map { .resources($0) } ?? .anyResource, notes: notes
    ) { call, state throws(ServiceError) in try answer(try IAMContext(call, state.world)) }
  }

  /// `change` may alter the account; it is put back when nothing was thrown.
  static func iamChange(
    _ name: String, _ targets: @escaping @Sendable (Call, World) -> [Authorizer.Target], notes: [String] = [],
    _ change: @escaping IAMChange
  ) -> OperationEntry {
    OperationEntry(
      "iam", name, authorization: .resources(targets), isMutating: true, notes: notes
    ) { call, state throws(ServiceError) in
      let context = try IAMContext(call, state.world)
      var account = context.account
      let answer = try change(context, &account, &state)
      state.world.put(account)
      return answer
    }
  }
}
