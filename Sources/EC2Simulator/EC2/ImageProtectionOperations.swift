import AWSWire
import Governance

/// Deregistration protection, and a consumer's way out of a share.
enum ImageProtectionOperations {
  static let entries: [OperationEntry] = [
    entry("EnableImageDeregistrationProtection") { call, state throws(ServiceError) in
      var image = try ImageLookup.owned(call, state)
      image.protection = call.bool("WithCooldown") ? .enabledWithCooldown : .enabled
      state.world.put(image)
      // [model] A string here, not a boolean; [doc] the state that it has now.
      return ["Return": Document(image.protection.text)]
    },
    entry("DisableImageDeregistrationProtection") { call, state throws(ServiceError) in
      var image = try ImageLookup.owned(call, state)
      switch image.protection {
      case .enabledWithCooldown:
        // [doc] "If you chose to include a 24-hour cooldown period ... you won't immediately be able to deregister".
        image.protection = .coolingDown(until: call.now + .seconds(86_400))
      case .enabled: image.protection = .disabled
      case .coolingDown(let until) where until <= call.now: image.protection = .disabled
      case .coolingDown, .disabled: break
      }
      state.world.put(image)
      return ["Return": Document(image.protection.text)]
    },
    entry("CancelImageLaunchPermission") { call, state throws(ServiceError) in
      var image = try ImageLookup.visible(call, state)
      let mine = Grantee.account(call.caller.account)
      // [doc] Only a share with the account itself can be cancelled, none through an organization, a unit or everyone.
      // Code and text of the refusal are not established.
      guard image.sharedWith.contains(mine) else {
        throw .ec2(
          "InvalidRequest",
          "The image \(image.id) is not explicitly shared with the account \(call.caller.account).")
      }
      image.sharedWith.removeAll { $0 == mine }
      state.world.put(image)
      return ImageLookup.success
    },
  ]

  private static func entry(_ name: String, _ handler: @escaping OperationEntry.Handler) -> OperationEntry {
    OperationEntry("ec2", name, authorization: .resources(ImageLookup.targets), isMutating: true, handler: handler)
  }
}
