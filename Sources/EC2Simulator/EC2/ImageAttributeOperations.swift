import AWSWire
import Governance

/// DescribeImageAttribute, ModifyImageAttribute, ResetImageAttribute.
enum ImageAttributeOperations {
  static let entries: [OperationEntry] = [
    OperationEntry("ec2", "DescribeImageAttribute", authorization: .resources(ImageLookup.targets)) {
      call, state throws(ServiceError) in try describe(call, state)
    },
    OperationEntry(
      "ec2", "ModifyImageAttribute",
      authorization: .resources { call, world in
        var target = ImageLookup.target(call.text("ImageId") ?? "", call, world)
        // There is no ec2:Add/group here: that key exists for ModifySnapshotAttribute only.
        target.context["ec2:attribute"] = ImageModification.attributes(call)
        return [target]
      }, isMutating: true
    ) { call, state throws(ServiceError) in
      try ImageModification(call, state).apply(to: &state)
      return ImageLookup.success
    },
    OperationEntry(
      "ec2", "ResetImageAttribute", authorization: .resources(ImageLookup.targets), isMutating: true
    ) { call, state throws(ServiceError) in
      guard try call.required("Attribute") == "launchPermission" else {
        throw .ec2("InvalidRequest", "The request received was invalid.")
      }
      var image = try ImageLookup.owned(call, state)
      // Every account, organization and unit, without a record of what was there.
      image.sharedWith = []
      state.world.put(image)
      return ImageLookup.success
    },
  ]

  private static func describe(_ call: Call, _ state: SimulatorState) throws(ServiceError) -> Document {
    let attribute = try call.required("Attribute")
    let image = try ImageLookup.visible(call, state)
    let isOwner = image.owner == call.caller.account
    let id = ("ImageId", Document(image.id) as Document?)
    func text(_ name: String, _ value: String?) -> Document {
      // An attribute that is not set is an empty element.
      Document(entries: [id, (name, value.map { ["Value": Document($0)] } ?? .emptyObject)])
    }
    if !isOwner, ["launchPermission", "lastLaunchedTime", "deregistrationProtection", "uefiData"].contains(attribute) {
      throw ImageLookup.notAuthorized(image.id)
    }
    switch attribute {
    case "launchPermission":
      return Document(entries: [id, ("LaunchPermissions", ImagePrinter.permissions(image.sharedWith))])
    case "productCodes": return Document(entries: [id, ("ProductCodes", ImagePrinter.productCodes(image))])
    case "blockDeviceMapping":
      throw .ec2("AuthFailure", "Unauthorized attempt to access restricted resource")
    case "description": return text("Description", image.members[.description])
    case "kernel": return text("KernelId", image.members[.kernelId])
    case "ramdisk": return text("RamdiskId", image.members[.ramdiskId])
    case "sriovNetSupport": return text("SriovNetSupport", image.members[.sriovNetSupport])
    case "bootMode": return text("BootMode", image.members[.bootMode])
    case "tpmSupport": return text("TpmSupport", image.members[.tpmSupport])
    case "uefiData": return text("UefiData", image.members[.uefiData])
    case "imdsSupport": return text("ImdsSupport", image.members[.imdsSupport])
    case "lastLaunchedTime": return text("LastLaunchedTime", image.lastLaunched?.iso8601)
    case "deregistrationProtection": return text("DeregistrationProtection", image.protection.text)
    // [quote] Also for an attribute in the wrong case.
    default: throw .ec2("InvalidRequest", "The request received was invalid.")
    }
  }
}
