import AWSWire
import Determinism
import Governance

/// Block public access, of images and of snapshots: per account and region.
enum GuardrailOperations {
  static let entries: [OperationEntry] = [
    OperationEntry("ec2", "GetImageBlockPublicAccessState") { call, state throws(ServiceError) in
      let setting = state.world.imageBlockPublicAccess(of: call.scope)
      return [
        "ImageBlockPublicAccessState": Document(setting.state(at: call.now)), "ManagedBy": Document(setting.managedBy),
      ]
    },
    OperationEntry("ec2", "EnableImageBlockPublicAccess", isMutating: true) { call, state throws(ServiceError) in
      let wanted = try call.required("ImageBlockPublicAccessState")
      guard wanted == "block-new-sharing" else { throw invalid(wanted, "imageBlockPublicAccessState") }
      return try changeImages(to: wanted, call, &state)
    },
    OperationEntry("ec2", "DisableImageBlockPublicAccess", isMutating: true) { call, state throws(ServiceError) in
      try changeImages(to: "unblocked", call, &state)
    },
    OperationEntry("ec2", "GetSnapshotBlockPublicAccessState") { call, state throws(ServiceError) in
      let setting = state.world.snapshotBlockPublicAccess(of: call.scope)
      return ["State": Document(setting.state(at: call.now)), "ManagedBy": Document(setting.managedBy)]
    },
    OperationEntry("ec2", "EnableSnapshotBlockPublicAccess", isMutating: true) { call, state throws(ServiceError) in
      let wanted = try call.required("State")
      guard ["block-all-sharing", "block-new-sharing"].contains(wanted) else { throw invalid(wanted, "state") }
      return try changeSnapshots(to: wanted, call, &state)
    },
    OperationEntry("ec2", "DisableSnapshotBlockPublicAccess", isMutating: true) { call, state throws(ServiceError) in
      try changeSnapshots(to: "unblocked", call, &state)
    },
  ]

  static func invalid(_ value: String, _ parameter: String) -> ServiceError {
    .ec2("InvalidParameterValue", "Value (\(value)) for parameter \(parameter) is invalid.")
  }

  /// The organization's declarative policy holds the setting: the account cannot change it.
  /// [doc] "You can create customizable error messages": theirs is told too. Code and text are not established.
  static func checkManagement(_ managedBy: String, _ call: Call, _ world: World) throws(ServiceError) {
    guard managedBy == "account" else {
      let message = world.declarativePolicy(ofAccount: call.caller.account)?.exceptionMessage.map { " \($0)" } ?? ""
      throw .ec2(
        "OperationNotPermitted",
        "This setting is managed by a declarative policy of your organization and can't be changed by the account."
          + message)
    }
  }

  /// "It can take up to 10 minutes": reads answer the old state meanwhile, and it is the old state that is enforced.
  private static func changeImages(to wanted: String, _ call: Call, _ state: inout SimulatorState)
    throws(ServiceError) -> Document
  {
    var setting = state.world.imageBlockPublicAccess(of: call.scope)
    try checkManagement(setting.managedBy, call, state.world)
    setting.settle(at: call.now)
    setting.pending = nil
    let limit = state.world.rolloutLimit.nanoseconds / 1_000_000_000
    var generator = state.generator(for: "rollout")
    let drawn = Duration.seconds(limit > 0 ? 1 + Int64(generator.below(Int(limit))) : 0)
    let lag = call.rollout ?? drawn
    if lag == .zero {
      setting.state = wanted
    } else if setting.state != wanted {
      setting.pending = GuardrailSetting.Change(state: wanted, at: call.now + lag)
    }
    state.world.change(call.scope) { $0.imageBlockPublicAccess = setting }
    return ["ImageBlockPublicAccessState": Document(wanted)]
  }

  private static func changeSnapshots(to wanted: String, _ call: Call, _ state: inout SimulatorState)
    throws(ServiceError) -> Document
  {
    var setting = state.world.snapshotBlockPublicAccess(of: call.scope)
    try checkManagement(setting.managedBy, call, state.world)
    setting.state = wanted
    state.world.change(call.scope) { $0.snapshotBlockPublicAccess = setting }
    return ["State": Document(wanted)]
  }
}
