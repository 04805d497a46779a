import AWSWire
import Governance

/// Finding the image that a call names, with EC2's errors for every way to miss it.
enum ImageLookup {
  /// `ami-` and 8 or 17 hexadecimal digits; ids of nothing but zeros or ones are never issued.
  static func check(_ id: String) throws(ServiceError) {
    guard !id.isEmpty else { throw .ec2("MissingParameter", "The request must contain the parameter ImageId") }
    guard id.hasPrefix("ami-") else {
      throw .ec2("InvalidAMIID.Malformed", "Invalid id: \"\(id)\" (expecting \"ami-...\")")
    }
    // [capture] Ids of zeros or ones only are never issued.
    let digits = id.utf8.dropFirst(4)
    guard ResourceID.isWellFormed(id, prefix: "ami"), !digits.allSatisfy({ $0 == UInt8(ascii: "0") }),
      !digits.allSatisfy({ $0 == UInt8(ascii: "1") })
    else { throw .ec2("InvalidAMIID.Malformed", "Invalid id: \"\(id)\"") }
  }

  static func notFound(_ ids: [String]) -> ServiceError {
    ids.count == 1
      ? .ec2("InvalidAMIID.NotFound", "The image id '[\(ids[0])]' does not exist")
      : .ec2("InvalidAMIID.NotFound", "The image ids '[\(ids.joined(separator: ", "))]' do not exist")
  }

  /// Is there such an image, whoever may see it?
  static func exists(_ id: String, in region: String, _ world: World) -> Bool {
    world.sharedImages.owner(of: RecordID(id), in: region) != nil
  }

  /// May the account see and use it at all?
  static func isVisible(_ image: WorldImage, to account: String, _ world: World) -> Bool {
    if image.owner == account { return true }
    return image.state == .available && !Set(image.sharedWith).isDisjoint(with: world.grants(of: account))
  }

  /// An image that the caller may see.
  static func visible(_ call: Call, _ state: SimulatorState, parameter: String = "ImageId", region: String? = nil)
    throws(ServiceError) -> WorldImage
  {
    let id = try call.required(parameter)
    try check(id)
    guard let image = state.world.image(id, in: region ?? call.region, seenBy: call.caller.account),
      isVisible(image, to: call.caller.account, state.world)
    else {
      if state.deregistered.contains(id) {
        throw .ec2("InvalidAMIID.Unavailable", "The image ID '\(id)' is no longer available")
      }
      throw notFound([id])
    }
    return image
  }

  /// An image that is the caller's own.
  static func owned(_ call: Call, _ state: SimulatorState) throws(ServiceError) -> WorldImage {
    let image = try visible(call, state)
    guard image.owner == call.caller.account else { throw notAuthorized(image.id) }
    return image
  }

  static func notAuthorized(_ id: String) -> ServiceError { .ec2("AuthFailure", "Not authorized for image:\(id)") }

  /// The ARN that a call on an image is authorized on, with the keys that conditions can ask for.
  static let targets: @Sendable (Call, World) -> [Authorizer.Target] = { call, world in
    [target(call.text("ImageId") ?? "", call, world)]
  }

  static func target(_ id: String, _ call: Call, _ world: World, region: String? = nil) -> Authorizer.Target {
    let region = region ?? call.region
    let arn = "arn:\(Partition(region: region).rawValue):ec2:\(region)::image/\(id.isEmpty ? "*" : id)"
    var target = Authorizer.Target(resource: arn)
    guard let image = world.image(id, in: region, seenBy: call.caller.account) else { return target }
    target.context = [
      "ec2:imageid": [id], "ec2:owner": [image.owner], "ec2:public": [image.isPublic ? "true" : "false"],
      "ec2:imagetype": ["machine"], "aws:resourceaccount": [image.owner],
    ]
    if image.owner == call.caller.account { TagOperations.addResourceTags(image.tags, to: &target) }
    return target
  }

  static let success: Document = ["Return": true]
}
