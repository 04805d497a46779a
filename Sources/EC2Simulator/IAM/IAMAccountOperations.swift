import AWSWire
import Governance

/// What IAM says of the account as a whole, and what there is none of here.
enum IAMAccountOperations {
  static let entries: [OperationEntry] = [
    .iamRead("GetAccountSummary", notes: ["Quotas are AWS's defaults."]) { context throws(ServiceError) in
      let account = context.account
      let attached = IAMPrincipal.allCases.flatMap { $0.all(in: account) }.flatMap(\.permissions.attached)
      let counts: [(name: String, value: Int)] = [
        ("AccessKeysPerUserQuota", 2),
        ("AccountAccessKeysPresent", account.users.contains { $0.isRoot && !$0.accessKeys.isEmpty } ? 1 : 0),
        ("AccountMFAEnabled", 0), ("AccountPasswordPresent", 0), ("AccountSigningCertificatesPresent", 0),
        ("AssumeRolePolicySizeQuota", 2_048), ("AttachedPoliciesPerGroupQuota", 10),
        ("AttachedPoliciesPerRoleQuota", 10),
        ("AttachedPoliciesPerUserQuota", 10), ("GlobalEndpointTokenVersion", 1), ("GroupPolicySizeQuota", 5_120),
        ("Groups", account.groups.count), ("GroupsPerUserQuota", 10), ("GroupsQuota", 300), ("InstanceProfiles", 0),
        ("InstanceProfilesQuota", 1_000), ("MFADevices", 0), ("MFADevicesInUse", 0),
        ("Policies", account.policies.count),
        ("PoliciesQuota", 1_500), ("PolicySizeQuota", 6_144),
        ("PolicyVersionsInUse", Set(attached).count), ("PolicyVersionsInUseQuota", 10_000),
        ("Providers", account.identityProviders.count), ("RolePolicySizeQuota", 10_240), ("Roles", account.roles.count),
        ("RolesQuota", 1_000), ("ServerCertificates", 0), ("ServerCertificatesQuota", 20),
        ("SigningCertificatesPerUserQuota", 2), ("UserPolicySizeQuota", 2_048),
        ("Users", account.users.count { !$0.isRoot }), ("UsersQuota", 5_000), ("VersionsPerPolicyQuota", 5),
      ]
      return ["SummaryMap": Document(entries: counts.map { ($0.name, Document($0.value)) })]
    },
    .iamRead("ListAccountAliases", notes: ["Accounts have no aliases."]) { context throws(ServiceError) in
      try context.list("AccountAliases", []) { _ in nil }
    },
    .iamRead("ListOpenIDConnectProviders") { context throws(ServiceError) in
      let providers = context.account.identityProviders.map {
        ["Arn": Document(context.arn("oidc-provider/\($0.url)"))] as Document
      }
      return ["OpenIDConnectProviderList": Document(providers)]
    },
    none("ListInstanceProfiles", "InstanceProfiles"), none("ListServerCertificates", "ServerCertificateMetadataList"),
    none("ListMFADevices", "MFADevices"), none("ListSigningCertificates", "Certificates"),
    none("ListSSHPublicKeys", "SSHPublicKeys"),
  ]

  /// A listing of what nobody has here; of a user it must be one that is there.
  private static func none(_ name: String, _ member: String) -> OperationEntry {
    .iamRead(name, notes: ["There are none."]) { context throws(ServiceError) in
      if context.call.text("UserName") != nil { _ = try context.user() }
      return try context.list(member, []) { _ in nil }
    }
  }
}
