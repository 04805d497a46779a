import AWSWire
import Governance

/// EBS encryption by default, and the key that it uses: per account and region.
enum EncryptionOperations {
  static let entries: [OperationEntry] = [
    OperationEntry("ec2", "GetEbsEncryptionByDefault") { call, state throws(ServiceError) in
      let setting = state.world.state(of: call.scope).encryption
      return ["EbsEncryptionByDefault": Document(setting.isOn), "SseType": setting.isOn ? "sse-kms" : "none"]
    },
    OperationEntry("ec2", "EnableEbsEncryptionByDefault", isMutating: true) { call, state throws(ServiceError) in
      state.world.change(call.scope) { $0.encryption.isOn = true }
      return ["EbsEncryptionByDefault": true]
    },
    OperationEntry("ec2", "DisableEbsEncryptionByDefault", isMutating: true) { call, state throws(ServiceError) in
      state.world.change(call.scope) { $0.encryption.isOn = false }
      return ["EbsEncryptionByDefault": false]
    },
    OperationEntry("ec2", "GetEbsDefaultKmsKeyId") { call, state throws(ServiceError) in
      ["KmsKeyId": Document(defaultKey(of: call.scope, state.world))]
    },
    OperationEntry("ec2", "ModifyEbsDefaultKmsKeyId", isMutating: true) { call, state throws(ServiceError) in
      let key = try call.required("KmsKeyId")
      state.world.change(call.scope) { $0.encryption.kmsKeyID = key }
      return ["KmsKeyId": Document(key)]
    },
    OperationEntry("ec2", "ResetEbsDefaultKmsKeyId", isMutating: true) { call, state throws(ServiceError) in
      state.world.change(call.scope) { $0.encryption.kmsKeyID = nil }
      return ["KmsKeyId": Document(defaultKey(of: call.scope, state.world))]
    },
  ]

  static let managedKey = "alias/aws/ebs"

  static func defaultKey(of scope: Scope, _ world: World) -> String {
    world.state(of: scope).encryption.kmsKeyID ?? managedKey
  }

  /// What a new volume, snapshot or copy is encrypted with; nil: it is not.
  ///
  /// [doc] "Encryption and snapshot copying": what comes from something encrypted stays so; otherwise the request
  /// decides, or encryption by default. Without a key of its own a volume keeps its source's, and a copy takes the
  /// default one.
  static func key(
    source: (isEncrypted: Bool, key: String?), keepsKey: Bool, _ call: Call, _ world: World
  ) throws(ServiceError) -> String? {
    let wanted = call.parameters["Encrypted"]?.bool
    if wanted == false, source.isEncrypted {
      throw .ec2("InvalidParameterValue", "Value (false) for parameter encrypted is invalid.")
    }
    let isEncrypted = source.isEncrypted || wanted == true || world.state(of: call.scope).encryption.isOn
    if let key = call.text("KmsKeyId"), !key.isEmpty {
      guard isEncrypted else {
        throw .ec2(
          "InvalidParameterDependency", "The parameter KmsKeyId requires the parameter Encrypted to be set.")
      }
      return key
    }
    guard isEncrypted else { return nil }
    return (keepsKey && source.isEncrypted ? source.key : nil) ?? defaultKey(of: call.scope, world)
  }
}
