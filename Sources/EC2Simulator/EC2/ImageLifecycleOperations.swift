import AWSWire
import Governance

/// Deregister, disable, enable, deprecate.
enum ImageLifecycleOperations {
  static let entries: [OperationEntry] = [
    entry("DeregisterImage") { call, state throws(ServiceError) in try deregister(call, &state) },
    entry("DisableImage") { call, state throws(ServiceError) in
      var image = try ImageLookup.owned(call, state)
      guard [.available, .disabled].contains(image.state) else { throw wrongState(image) }
      // "Makes the AMI private and removes all launch permissions": EnableImage does not bring them back.
      image.state = .disabled
      image.sharedWith = []
      state.world.put(image)
      return ImageLookup.success
    },
    entry("EnableImage") { call, state throws(ServiceError) in
      var image = try ImageLookup.owned(call, state)
      guard [.available, .disabled].contains(image.state) else { throw wrongState(image) }
      image.state = .available
      state.world.put(image)
      return ImageLookup.success
    },
    entry("EnableImageDeprecation") { call, state throws(ServiceError) in
      var image = try ImageLookup.owned(call, state)
      image.deprecation = try deprecation(call, of: image)
      state.world.put(image)
      return ImageLookup.success
    },
    entry("DisableImageDeprecation") { call, state throws(ServiceError) in
      var image = try ImageLookup.owned(call, state)
      image.deprecation = nil
      state.world.put(image)
      return ImageLookup.success
    },
  ]

  private static func entry(_ name: String, _ handler: @escaping OperationEntry.Handler) -> OperationEntry {
    OperationEntry(
      "ec2", name, authorization: .resources(ImageLookup.targets), isMutating: true, handler: handler)
  }

  private static func wrongState(_ image: WorldImage) -> ServiceError {
    .ec2("InvalidAMIID.Unavailable", "The image ID '\(image.id)' is no longer available")
  }

  /// At most ten years ahead; for a public image at most two years after its creation. Rounded to the minute.
  private static func deprecation(_ call: Call, of image: WorldImage) throws(ServiceError) -> Timestamp {
    let text = try call.required("DeprecateAt")
    guard let time = Timestamp(iso8601: text) else {
      throw .ec2("InvalidParameterValue", "Value (\(text)) for parameter DeprecateAt is invalid.")
    }
    let day = Duration.seconds(86_400)
    guard time > call.now, time <= call.now + day * 3_653 else {
      throw .ec2(
        "InvalidParameter", "The deprecation date must be in the future and at most 10 years from now.")
    }
    guard !image.isPublic || time <= image.created + day * 731 else {
      throw .ec2(
        "InvalidParameter", "The deprecation date of a public image must be at most 2 years from its creation date.")
    }
    return Timestamp(seconds: time.seconds - time.seconds % 60)
  }

  private static func deregister(_ call: Call, _ state: inout SimulatorState) throws(ServiceError) -> Document {
    let image = try ImageLookup.owned(call, state)
    switch image.protection {
    case .disabled: break
    case .coolingDown(let until) where until <= call.now: break
    // Text and code are not established.
    case .enabled, .enabledWithCooldown, .coolingDown:
      throw .ec2(
        "OperationNotPermitted",
        "The image \(image.id) is protected from deregistration (\(image.protection.text)).")
    }
    let results = call.bool("DeleteAssociatedSnapshots") ? image.snapshotIDs : []
    state.world.remove(image)
    ImageRecycleBinOperations.keep(image, at: call.now, in: &state.world)
    state.deregistered.insert(image.id)
    var printed: [Document] = []
    for snapshot in results {
      let code = deleteSnapshot(snapshot, of: image, call, &state)
      printed.append(["SnapshotId": Document(snapshot), "ReturnCode": Document(code)])
    }
    return ["Return": true, "DeleteSnapshotResults": Document(printed)]
  }

  /// The result of one associated snapshot; another image on it makes EC2 skip it.
  private static func deleteSnapshot(
    _ id: String, of image: WorldImage, _ call: Call, _ state: inout SimulatorState
  ) -> String {
    guard let snapshot = state.world.scopes[image.scope]?.snapshots[id] else { return "client-error" }
    if !state.world.state(of: image.scope).images(on: id).isEmpty { return "skipped" }
    let target = SnapshotLookup.target(id, call, state.world)
    guard Authorizer(world: state.world, call: call).decision(action: "ec2:DeleteSnapshot", target: target).isAllowed
    else { return "missing-permissions" }
    state.world.remove(snapshot)
    SnapshotRecycleBinOperations.keep(snapshot, at: call.now, in: &state.world)
    return "success"
  }
}
