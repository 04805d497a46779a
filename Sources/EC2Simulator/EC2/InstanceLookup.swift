import AWSWire
import Governance

/// Finding the instances that a call names, and the ARNs that it is authorized on.
enum InstanceLookup {
  /// [quote]
  static func notFound(_ ids: [String]) -> ServiceError {
    ids.count == 1
      ? .ec2("InvalidInstanceID.NotFound", "The instance ID '\(ids[0])' does not exist")
      : .ec2("InvalidInstanceID.NotFound", "The instance IDs '\(ids.joined(separator: ", "))' do not exist")
  }

  static let ids = Listing.IDs(parameter: "InstanceIds", name: "instancesSet") { notFound($0) }

  static func check(_ id: String) throws(ServiceError) {
    guard ResourceID.isWellFormed(id, prefix: "i") else {
      // [quote]
      throw .ec2("InvalidInstanceID.Malformed", "Invalid id: \"\(id)\"")
    }
  }

  /// The account's instances that are still told of.
  static func listed(_ call: Call, _ world: World) -> [String: WorldInstance] {
    world.state(of: call.scope).workloads.instances.filter { $0.value.isListed(at: call.now) }
  }

  static func find(_ call: Call, _ world: World, parameter: String = "InstanceId") throws(ServiceError) -> WorldInstance
  {
    let id = try call.required(parameter)
    try check(id)
    guard let instance = listed(call, world)[id] else { throw notFound([id]) }
    return instance
  }

  /// Every instance of a list that must not be empty.
  static func all(_ call: Call, _ world: World) throws(ServiceError) -> [WorldInstance] {
    let ids = call.texts("InstanceIds")
    guard !ids.isEmpty else { throw .ec2("MissingParameter", "The request must contain the parameter InstanceId") }
    for id in ids { try check(id) }
    let listed = listed(call, world)
    let missing = ids.filter { listed[$0] == nil }
    guard missing.isEmpty else { throw notFound(missing) }
    return ids.compactMap { listed[$0] }
  }

  static func target(_ id: String, _ call: Call, _ world: World) -> Authorizer.Target {
    var target = Authorizer.Target(
      resource: call.arn("instance/\(id.isEmpty ? "*" : id)", account: call.caller.account))
    guard let instance = world.state(of: call.scope).workloads.instances[id] else { return target }
    target.context = [
      "ec2:instancetype": [instance.kind], "ec2:availabilityzone": [instance.zone], "ec2:rootdevicetype": ["ebs"],
      "aws:resourceaccount": [instance.owner],
    ]
    TagOperations.addResourceTags(instance.tags, to: &target)
    return target
  }

  static let targets: @Sendable (Call, World) -> [Authorizer.Target] = { call, world in
    call.texts("InstanceIds").map { target($0, call, world) }
  }
  static let singleTarget: @Sendable (Call, World) -> [Authorizer.Target] = { call, world in
    [target(call.text("InstanceId") ?? "", call, world)]
  }
}
