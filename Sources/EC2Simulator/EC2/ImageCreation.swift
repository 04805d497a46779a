import AWSWire
import Governance

/// What every way to make an image has in common: its name, the quota, and the time until it is there.
enum ImageCreation {
  static func name(_ call: Call, _ world: World) throws(ServiceError) -> String {
    let name = try call.required("Name")
    let isValid = name.allSatisfy { character in
      character.isASCII && (character.isLetter || character.isNumber) || " ()[].-/_'@".contains(character)
    }
    guard (3...128).contains(name.count), isValid else {
      throw .ec2(
        "InvalidAMIName.Malformed",
        "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-', '/' "
          + "and '_'")
    }
    let twin = world.state(of: call.scope).images.records(matching: Filter(name: "name", values: [name])).first?.id
    if let twin {
      throw .ec2("InvalidAMIName.Duplicate", "AMI name \(name) is already in use by AMI \(twin)")
    }
    return name
  }

  /// [doc] L-B665C33B: available, pending and disabled images, and those in the Recycle Bin. The code for more is not
  /// established; it is the one of EC2's other quotas.
  static func checkQuota(_ call: Call, _ world: World) throws(ServiceError) {
    let state = world.state(of: call.scope)
    let quota = world.account(call.caller.account)?.imageQuota ?? WorldAccount.defaultImageQuota
    let recycled = state.recycleBin.images.values.count { $0.leaves > call.now }
    guard state.images.count + recycled < quota else {
      throw .ec2("ResourceLimitExceeded", "You have reached the maximum of \(quota) AMIs in this Region.")
    }
  }

  /// Puts a new image into the world, pending for as long as the world says.
  static func finish(_ image: WorldImage, _ call: Call, _ state: inout SimulatorState) {
    var image = image
    let duration = state.world.creationTime
    if duration > .zero {
      image.state = .pending
      state.world.promise(
        WorldPromise(at: call.now + duration, scope: image.scope, effect: .available, id: image.id))
    }
    state.world.put(image)
  }
}

enum SnapshotCreation {
  /// Puts a new snapshot into the world, pending for as long as the world says.
  static func finish(_ snapshot: WorldSnapshot, _ call: Call, _ state: inout SimulatorState) {
    var snapshot = snapshot
    let duration = state.world.creationTime
    if duration > .zero {
      snapshot.state = "pending"
      state.world.promise(
        WorldPromise(at: call.now + duration, scope: snapshot.scope, effect: .completed, id: snapshot.id))
    }
    state.world.put(snapshot)
  }
}
