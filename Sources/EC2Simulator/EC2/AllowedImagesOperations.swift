import AWSWire
import Governance

/// Allowed AMIs: which images of others an account may use, per region.
enum AllowedImagesOperations {
  static let entries: [OperationEntry] = [
    OperationEntry("ec2", "GetAllowedImagesSettings") { call, state throws(ServiceError) in
      let setting = state.world.allowedImages(of: call.scope)
      return [
        "State": Document(setting.state), "ImageCriteria": Document(setting.criteria),
        "ManagedBy": Document(setting.managedBy),
      ]
    },
    OperationEntry("ec2", "EnableAllowedImagesSettings", isMutating: true) { call, state throws(ServiceError) in
      let wanted = try call.required("AllowedImagesSettingsState")
      guard ["enabled", "audit-mode"].contains(wanted) else {
        throw GuardrailOperations.invalid(wanted, "allowedImagesSettingsState")
      }
      return try change(to: wanted, call, &state)
    },
    OperationEntry("ec2", "DisableAllowedImagesSettings", isMutating: true) { call, state throws(ServiceError) in
      try change(to: "disabled", call, &state)
    },
    OperationEntry("ec2", "ReplaceImageCriteriaInAllowedImagesSettings", isMutating: true) {
      call, state throws(ServiceError) in
      try GuardrailOperations.checkManagement(
        state.world.allowedImages(of: call.scope).managedBy, call, state.world)
      let criteria = call.list("ImageCriteria").map(\.compacted)
      try check(criteria)
      state.world.change(call.scope) { $0.allowedImages.criteria = criteria }
      return ["ReturnValue": true]
    },
  ]

  private static func change(to wanted: String, _ call: Call, _ state: inout SimulatorState)
    throws(ServiceError) -> Document
  {
    try GuardrailOperations.checkManagement(
      state.world.allowedImages(of: call.scope).managedBy, call, state.world)
    state.world.change(call.scope) { $0.allowedImages.state = wanted }
    return ["AllowedImagesSettingsState": Document(wanted)]
  }

  private static func check(_ criteria: [Document]) throws(ServiceError) {
    guard criteria.count <= 10 else {
      throw .ec2("InvalidParameterValue", "At most 10 image criteria can be specified.")
    }
    for criterion in criteria {
      let limits = [("ImageProviders", 200), ("ImageNames", 50), ("MarketplaceProductCodes", 50)]
      for (name, limit) in limits where criterion[name].map({ $0.count > limit }) == true {
        throw .ec2("InvalidParameterValue", "At most \(limit) \(name) can be specified in an image criterion.")
      }
      let providers = criterion["ImageProviders"]?.elements.compactMap(\.string) ?? []
      for provider in providers
      where !["amazon", "aws-marketplace", "aws-backup-vault", "none"].contains(provider) && !Account.isID(provider) {
        throw GuardrailOperations.invalid(provider, "imageProvider")
      }
      if providers.contains("none"), providers.count > 1 {
        throw .ec2("InvalidParameterValue", "The image provider none can't be combined with others.")
      }
    }
  }

  /// Does a foreign image meet every condition of a criterion?
  static func meets(_ criterion: Document, _ image: WorldImage, alias: String?, now: Timestamp) -> Bool {
    let day = Duration.seconds(86_400)
    if let days = criterion["CreationDateCondition"]?["MaximumDaysSinceCreated"]?.int {
      guard image.created + day * days >= now else { return false }
    }
    if let days = criterion["DeprecationTimeCondition"]?["MaximumDaysSinceDeprecated"]?.int,
      let deprecation = image.deprecation
    {
      guard deprecation + day * days >= now else { return false }
    }
    if let providers = criterion["ImageProviders"]?.elements.compactMap(\.string), !providers.isEmpty {
      guard providers.contains(image.owner) || alias.map(providers.contains) == true else { return false }
    }
    if let names = criterion["ImageNames"]?.elements.compactMap(\.string), !names.isEmpty {
      guard names.contains(where: { Wildcard.matches($0, image.name) }) else { return false }
    }
    if let codes = criterion["MarketplaceProductCodes"]?.elements.compactMap(\.string), !codes.isEmpty {
      guard image.productCodes.contains(where: { codes.contains($0.id) }) else { return false }
    }
    return true
  }
}
