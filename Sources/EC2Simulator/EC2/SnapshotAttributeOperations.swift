import AWSWire
import Governance

/// DescribeSnapshotAttribute, ModifySnapshotAttribute, ResetSnapshotAttribute.
enum SnapshotAttributeOperations {
  static let entries: [OperationEntry] = [
    OperationEntry("ec2", "DescribeSnapshotAttribute", authorization: .resources(SnapshotLookup.targets)) {
      call, state throws(ServiceError) in
      let attribute = try call.required("Attribute")
      let snapshot = try SnapshotLookup.owned(call, state.world)
      let id = Document(snapshot.id)
      switch attribute {
      case "createVolumePermission":
        return ["SnapshotId": id, "CreateVolumePermissions": ImagePrinter.permissions(snapshot.sharedWith)]
      case "productCodes": return ["SnapshotId": id, "ProductCodes": []]
      default: throw .ec2("InvalidRequest", "The request received was invalid.")
      }
    },
    OperationEntry("ec2", "ModifySnapshotAttribute", authorization: .resources(targets), isMutating: true) {
      call, state throws(ServiceError) in try modify(call, &state)
    },
    OperationEntry(
      "ec2", "ResetSnapshotAttribute", authorization: .resources(SnapshotLookup.targets), isMutating: true
    ) { call, state throws(ServiceError) in
      // [doc] "Currently, only the attribute for permission to create volumes can be reset."
      guard try call.required("Attribute") == "createVolumePermission" else {
        throw .ec2("InvalidRequest", "The request received was invalid.")
      }
      var snapshot = try SnapshotLookup.owned(call, state.world)
      snapshot.sharedWith = []
      state.world.put(snapshot)
      return ImageLookup.success
    },
  ]

  /// Unlike images, snapshots have keys for whom they are shared with.
  private static let targets: @Sendable (Call, World) -> [Authorizer.Target] = { call, world in
    var target = SnapshotLookup.target(call.text("SnapshotId") ?? "", call, world)
    let permission = call.parameters["CreateVolumePermission"]
    for (name, form) in [("Add", "add"), ("Remove", "remove")] {
      let listed = permission?[name]?.elements ?? []
      let isLegacy = call.text("OperationType") == form
      let groups = listed.compactMap { $0["Group"]?.string } + (isLegacy ? call.texts("GroupNames") : [])
      let users = listed.compactMap { $0["UserId"]?.string } + (isLegacy ? call.texts("UserIds") : [])
      if !groups.isEmpty { target.context["ec2:\(form)/group"] = groups }
      if !users.isEmpty { target.context["ec2:\(form)/userid"] = users }
    }
    return [target]
  }

  private static func modify(_ call: Call, _ state: inout SimulatorState) throws(ServiceError) -> Document {
    _ = try call.required("SnapshotId")
    let (add, remove) = try change(call)
    var snapshot = try SnapshotLookup.owned(call, state.world)
    if !add.isEmpty { try checkSharing(add, snapshot, call, state.world) }
    snapshot.sharedWith.removeAll { remove.contains($0) }
    for grantee in add where !snapshot.sharedWith.contains(grantee) { snapshot.sharedWith.append(grantee) }
    state.world.put(snapshot)
    return ImageLookup.success
  }

  private static func change(_ call: Call) throws(ServiceError) -> (add: [Grantee], remove: [Grantee]) {
    if let attribute = call.text("Attribute"), attribute != "createVolumePermission" {
      throw .ec2("InvalidRequest", "The request received was invalid.")
    }
    var add: [Grantee] = []
    var remove: [Grantee] = []
    if let permission = call.parameters["CreateVolumePermission"] {
      add = try grantees(permission["Add"]?.elements ?? [])
      remove = try grantees(permission["Remove"]?.elements ?? [])
    } else {
      var named: [Grantee] = []
      for group in call.texts("GroupNames") { named.append(try grantee("Group", group)) }
      for user in call.texts("UserIds") { named.append(try grantee("UserId", user)) }
      if !named.isEmpty {
        switch try call.required("OperationType") {
        case "add": add = named
        case "remove": remove = named
        case let other: throw GuardrailOperations.invalid(other, "operationType")
        }
      }
    }
    guard !(add.isEmpty && remove.isEmpty) else {
      throw .ec2("InvalidParameterCombination", "No attributes specified.")
    }
    return (add, remove)
  }

  private static func grantees(_ list: [Document]) throws(ServiceError) -> [Grantee] {
    var grantees: [Grantee] = []
    for item in list {
      for entry in item.entries { grantees.append(try grantee(entry.name, entry.value.string ?? "")) }
    }
    return grantees
  }

  private static func grantee(_ member: String, _ text: String) throws(ServiceError) -> Grantee {
    if let grantee = Grantee(text: text), grantee.memberName == member { return grantee }
    throw GuardrailOperations.invalid(text, member.prefix(1).lowercased() + member.dropFirst())
  }

  private static func checkSharing(_ add: [Grantee], _ snapshot: WorldSnapshot, _ call: Call, _ world: World)
    throws(ServiceError)
  {
    guard !snapshot.usesDefaultKey else {
      throw .ec2("OperationNotPermitted", "Encrypted snapshots with EBS default key cannot be shared")
    }
    guard add.contains(.everyone), !snapshot.sharedWith.contains(.everyone) else { return }
    guard !snapshot.isEncrypted else {
      throw .ec2("OperationNotPermitted", "Encrypted snapshots cannot be shared publicly")
    }
    // Modelled on the text for images; its own is not established.
    guard world.snapshotBlockPublicAccess(of: snapshot.scope).state(at: call.now) == "unblocked" else {
      throw .ec2(
        "OperationNotPermitted",
        "You can\u{2019}t publicly share this snapshot because block public access for snapshots is enabled for this "
          + "account. To publicly share the snapshot, you must call the DisableSnapshotBlockPublicAccess API.")
    }
  }
}
