import AWSWire
import Governance

/// The rules by which an image may be launched by an account.
enum ImageLaunch {
  static func launchable(_ id: String, _ call: Call, _ state: SimulatorState) throws(ServiceError) -> WorldImage {
    try ImageLookup.check(id)
    let world = state.world
    let account = call.caller.account
    guard let image = world.image(id, in: call.region, seenBy: account) else {
      if state.deregistered.contains(id) { throw unavailable(id) }
      if ImageLookup.exists(id, in: call.region, world) { throw notAuthorized(id) }
      throw ImageLookup.notFound([id])
    }
    // [quote] "Not authorized for images: [ami-...]": it is there, and not shared with the account.
    guard image.owner == account || !Set(image.sharedWith).isDisjoint(with: world.grants(of: account)) else {
      throw notAuthorized(id)
    }
    // [doc] InvalidAMIID.Unavailable: "The specified AMI has been deregistered and is no longer available, or is not in a
    // state from which you can launch an instance".
    guard image.state == .available else { throw unavailable(id) }
    let printer = ImagePrinter(world: world, viewer: account, region: call.region, now: call.now)
    // Allowed AMIs: what is not allowed is not discoverable. The refusal's code is not established; this is the one of
    // an image that the account cannot see.
    guard printer.allowed.state != "enabled" || printer.isAllowed(image) else { throw notAuthorized(id) }
    return image
  }

  private static func unavailable(_ id: String) -> ServiceError {
    .ec2("InvalidAMIID.Unavailable", "The image ID '\(id)' is no longer available")
  }
  private static func notAuthorized(_ id: String) -> ServiceError {
    .ec2("AuthFailure", "Not authorized for images: [\(id)]")
  }

  /// Types are not listed: any word of the form `t3.micro` is one, and Graviton families have a g behind the number.
  static func check(kind: String, for image: WorldImage) throws(ServiceError) {
    let parts = kind.split(separator: ".", omittingEmptySubsequences: false)
    let isWord: (Substring) -> Bool = { part in
      !part.isEmpty
        && part.utf8.allSatisfy { ($0 >= 97 && $0 <= 122) || ($0 >= 48 && $0 <= 57) || $0 == 45 }
    }
    guard parts.count == 2, parts.allSatisfy(isWord) else {
      throw .ec2("InvalidParameterValue", "Invalid value '\(kind)' for InstanceType.")
    }
    let family = parts[0]
    let behindNumber = family.drop { !$0.isNumber }.drop { $0.isNumber }
    let isARM = family == "a1" || behindNumber.contains("g")
    guard image.architecture.hasPrefix("arm64") == isARM || image.architecture.hasSuffix("_mac") else {
      // [quote]
      throw .ec2(
        "InvalidParameterValue",
        "The architecture '\(isARM ? "arm64" : "x86_64")' of the specified instance type does not match the architecture "
          + "'\(image.architecture)' of the specified AMI. Specify an instance type and an AMI that have matching "
          + "architectures, and try again. You can use 'describe-instance-types' or 'describe-images' to discover the "
          + "architecture of the instance type or AMI.")
    }
  }
}
