/// The parameters that operations read, as the service model names them; of an operation that is not listed, none. What
/// the model has beside them is refused (`ParameterSet`), unless it is listed as without effect; a test has every handler
/// run and compares what it reads. EC2's `DryRun` is the same for all and not listed.
enum ParameterTable {
  static func read(_ service: String, _ operation: String) -> ParameterSet {
    sets["\(service):\(operation)"] ?? ParameterSet()
  }

  /// What is accepted and changes nothing: path → why.
  static func ignored(_ service: String, _ operation: String) -> [String: String] {
    withoutEffect["\(service):\(operation)"] ?? [:]
  }

  /// Of which operations something is said.
  static var actions: [String] { (Array(sets.keys) + withoutEffect.keys).sorted() }

  private static let sets: [String: ParameterSet] = {
    let texts = ["cloudtrail": cloudtrail, "ec2": ec2, "iam": iam, "organizations": organizations, "sts": sts]
    var sets: [String: ParameterSet] = [:]
    for (service, text) in texts {
      // An operation begins at the margin; what is indented goes on with it.
      for entry in text.replacing("\n  ", with: " ").split(separator: "\n") {
        let parts = entry.split(separator: ": ", maxSplits: 1)
        precondition(parts.count == 2, "\(entry) is no operation with its parameters")
        sets["\(service):\(parts[0])"] = ParameterSet(String(parts[1]))
      }
    }
    return sets
  }()

  private static let cloudtrail = """
    LookupEvents: LookupAttributes{AttributeKey AttributeValue} StartTime EndTime EventCategory MaxResults NextToken
    """

  private static let ec2 = """
    CancelImageLaunchPermission: ImageId
    CopyImage: ClientToken Description Encrypted KmsKeyId Name SourceImageId SourceRegion CopyImageTags
      TagSpecifications{ResourceType Tags{Key Value}}
    CopySnapshot: Description Encrypted KmsKeyId SourceRegion SourceSnapshotId TagSpecifications{ResourceType
      Tags{Key Value}} CompletionDurationMinutes
    CreateImage: TagSpecifications{ResourceType Tags{Key Value}} InstanceId Name Description
      BlockDeviceMappings{Ebs{DeleteOnTermination SnapshotId VolumeSize KmsKeyId Encrypted} NoDevice DeviceName}
    CreateImageUsageReport: ImageId ResourceTypes{ResourceType ResourceTypeOptions{OptionName OptionValues}}
      AccountIds ClientToken TagSpecifications{ResourceType Tags{Key Value}}
    CreateLaunchTemplate: ClientToken LaunchTemplateName VersionDescription LaunchTemplateData*
      TagSpecifications{ResourceType Tags{Key Value}}
    CreateLaunchTemplateVersion: ClientToken LaunchTemplateId LaunchTemplateName SourceVersion VersionDescription
      LaunchTemplateData*
    CreateSnapshot: Description VolumeId TagSpecifications{ResourceType Tags{Key Value}}
    CreateSnapshots: Description InstanceSpecification{InstanceId ExcludeBootVolume ExcludeDataVolumeIds}
      TagSpecifications{ResourceType Tags{Key Value}} CopyTagsFromSource Location
    CreateTags: Resources Tags{Key Value}
    CreateVolume: AvailabilityZone Encrypted Iops KmsKeyId Size SnapshotId VolumeType TagSpecifications{ResourceType
      Tags{Key Value}} MultiAttachEnabled Throughput ClientToken
    DeleteImageUsageReport: ReportId
    DeleteLaunchTemplate: LaunchTemplateId LaunchTemplateName
    DeleteLaunchTemplateVersions: LaunchTemplateId LaunchTemplateName Versions
    DeleteSnapshot: SnapshotId
    DeleteTags: Resources Tags{Key Value}
    DeleteVolume: VolumeId
    DeregisterImage: ImageId DeleteAssociatedSnapshots
    DescribeAccountAttributes: AttributeNames
    DescribeAddresses: PublicIps Filters{Name Values} AllocationIds
    DescribeAvailabilityZones: ZoneNames ZoneIds Filters{Name Values}
    DescribeClientVpnEndpoints: ClientVpnEndpointIds MaxResults NextToken Filters{Name Values}
    DescribeFastLaunchImages: Filters{Name Values} MaxResults NextToken
    DescribeFastSnapshotRestores: Filters{Name Values} MaxResults NextToken
    DescribeImageAttribute: Attribute ImageId
    DescribeImageReferences: ImageIds IncludeAllResourceTypes ResourceTypes{ResourceType
      ResourceTypeOptions{OptionName OptionValues}} NextToken MaxResults
    DescribeImageUsageReportEntries: ImageIds ReportIds NextToken Filters{Name Values} MaxResults
    DescribeImageUsageReports: ImageIds ReportIds NextToken Filters{Name Values} MaxResults
    DescribeImages: ExecutableUsers ImageIds Owners IncludeDeprecated IncludeDisabled MaxResults NextToken
      Filters{Name Values}
    DescribeImportSnapshotTasks: Filters{Name Values} ImportTaskIds MaxResults NextToken
    DescribeInstanceAttribute: InstanceId Attribute
    DescribeInstanceImageMetadata: Filters{Name Values} InstanceIds MaxResults NextToken
    DescribeInstanceStatus: InstanceIds MaxResults NextToken Filters{Name Values} IncludeAllInstances
    DescribeInstances: InstanceIds Filters{Name Values} NextToken MaxResults
    DescribeKeyPairs: KeyNames KeyPairIds Filters{Name Values}
    DescribeLaunchTemplateVersions: LaunchTemplateId LaunchTemplateName Versions MinVersion MaxVersion NextToken
      MaxResults Filters{Name Values}
    DescribeLaunchTemplates: LaunchTemplateIds LaunchTemplateNames Filters{Name Values} NextToken MaxResults
    DescribeLockedSnapshots: Filters{Name Values} MaxResults NextToken SnapshotIds
    DescribeNetworkAcls: NextToken MaxResults NetworkAclIds Filters{Name Values}
    DescribeNetworkInterfaces: NextToken MaxResults NetworkInterfaceIds Filters{Name Values}
    DescribeRegions: RegionNames AllRegions Filters{Name Values}
    DescribeSecurityGroups: GroupIds GroupNames NextToken MaxResults Filters{Name Values}
    DescribeSnapshotAttribute: Attribute SnapshotId
    DescribeSnapshotTierStatus: Filters{Name Values} NextToken MaxResults
    DescribeSnapshots: MaxResults NextToken OwnerIds RestorableByUserIds SnapshotIds Filters{Name Values}
    DescribeStoreImageTasks: Filters{Name Values} NextToken MaxResults
    DescribeSubnets: Filters{Name Values} SubnetIds NextToken MaxResults
    DescribeTags: Filters{Name Values} MaxResults NextToken
    DescribeTransitGateways: TransitGatewayIds Filters{Name Values} MaxResults NextToken
    DescribeVolumes: VolumeIds Filters{Name Values} NextToken MaxResults
    DescribeVpcs: Filters{Name Values} VpcIds NextToken MaxResults
    DisableImage: ImageId
    DisableImageDeprecation: ImageId
    DisableImageDeregistrationProtection: ImageId
    EnableAllowedImagesSettings: AllowedImagesSettingsState
    EnableImage: ImageId
    EnableImageBlockPublicAccess: ImageBlockPublicAccessState
    EnableImageDeprecation: ImageId DeprecateAt
    EnableImageDeregistrationProtection: ImageId WithCooldown
    EnableSnapshotBlockPublicAccess: State
    GetImageAncestry: ImageId
    GetInstanceUefiData: InstanceId
    ListImagesInRecycleBin: ImageIds NextToken MaxResults
    ListSnapshotsInRecycleBin: MaxResults NextToken SnapshotIds
    ModifyEbsDefaultKmsKeyId: KmsKeyId
    ModifyImageAttribute: Attribute Description{Value} ImageId LaunchPermission{Add{OrganizationArn
      OrganizationalUnitArn UserId Group} Remove{OrganizationArn OrganizationalUnitArn UserId Group}} OperationType
      ProductCodes UserGroups UserIds Value OrganizationArns OrganizationalUnitArns ImdsSupport{Value}
    ModifyLaunchTemplate: ClientToken LaunchTemplateId LaunchTemplateName DefaultVersion
    ModifySnapshotAttribute: Attribute CreateVolumePermission{Add{UserId Group} Remove{UserId Group}} GroupNames
      OperationType SnapshotId UserIds
    ModifySnapshotTier: SnapshotId StorageTier
    RebootInstances: InstanceIds
    RegisterImage: ImageLocation BillingProducts BootMode TpmSupport UefiData ImdsSupport
      TagSpecifications{ResourceType Tags{Key Value}} Name Description Architecture KernelId RamdiskId
      RootDeviceName BlockDeviceMappings{Ebs{DeleteOnTermination Iops SnapshotId VolumeSize VolumeType Throughput
      Encrypted} NoDevice DeviceName VirtualName} VirtualizationType SriovNetSupport EnaSupport
    ReplaceImageCriteriaInAllowedImagesSettings: ImageCriteria{ImageProviders MarketplaceProductCodes ImageNames
      DeprecationTimeCondition{MaximumDaysSinceDeprecated} CreationDateCondition{MaximumDaysSinceCreated}}
    ResetImageAttribute: Attribute ImageId
    ResetSnapshotAttribute: Attribute SnapshotId
    RestoreImageFromRecycleBin: ImageId
    RestoreSnapshotFromRecycleBin: SnapshotId
    RestoreSnapshotTier: SnapshotId TemporaryRestoreDays PermanentRestore
    RunInstances: BlockDeviceMappings{Ebs{DeleteOnTermination Iops SnapshotId VolumeSize VolumeType KmsKeyId
      Throughput Encrypted} NoDevice DeviceName} ImageId InstanceType KeyName MaxCount MinCount Monitoring{Enabled}
      Placement{AvailabilityZone} SecurityGroupIds SecurityGroups SubnetId UserData TagSpecifications{ResourceType
      Tags{Key Value}} LaunchTemplate{LaunchTemplateId LaunchTemplateName Version} MetadataOptions{HttpTokens}
      DisableApiTermination InstanceInitiatedShutdownBehavior ClientToken IamInstanceProfile{Arn Name} EbsOptimized
    StartInstances: InstanceIds
    StopInstances: InstanceIds
    TerminateInstances: InstanceIds
    """

  private static let iam = """
    AddUserToGroup: GroupName UserName
    AttachGroupPolicy: GroupName PolicyArn
    AttachRolePolicy: RoleName PolicyArn
    AttachUserPolicy: UserName PolicyArn
    CreateAccessKey: UserName
    CreateGroup: Path GroupName
    CreatePolicy: PolicyName Path PolicyDocument Description Tags{Key Value}
    CreatePolicyVersion: PolicyArn PolicyDocument SetAsDefault
    CreateRole: Path RoleName AssumeRolePolicyDocument Description MaxSessionDuration PermissionsBoundary Tags{Key
      Value}
    CreateUser: Path UserName PermissionsBoundary Tags{Key Value}
    DeleteAccessKey: UserName AccessKeyId
    DeleteGroup: GroupName
    DeleteGroupPolicy: GroupName PolicyName
    DeletePolicy: PolicyArn
    DeletePolicyVersion: PolicyArn VersionId
    DeleteRole: RoleName
    DeleteRolePermissionsBoundary: RoleName
    DeleteRolePolicy: RoleName PolicyName
    DeleteUser: UserName
    DeleteUserPermissionsBoundary: UserName
    DeleteUserPolicy: UserName PolicyName
    DetachGroupPolicy: GroupName PolicyArn
    DetachRolePolicy: RoleName PolicyArn
    DetachUserPolicy: UserName PolicyArn
    GetAccessKeyLastUsed: AccessKeyId
    GetGroup: GroupName Marker MaxItems
    GetGroupPolicy: GroupName PolicyName
    GetPolicy: PolicyArn
    GetPolicyVersion: PolicyArn VersionId
    GetRole: RoleName
    GetRolePolicy: RoleName PolicyName
    GetUser: UserName
    GetUserPolicy: UserName PolicyName
    ListAccessKeys: UserName Marker MaxItems
    ListAccountAliases: Marker MaxItems
    ListAttachedGroupPolicies: GroupName PathPrefix Marker MaxItems
    ListAttachedRolePolicies: RoleName PathPrefix Marker MaxItems
    ListAttachedUserPolicies: UserName PathPrefix Marker MaxItems
    ListEntitiesForPolicy: PolicyArn EntityFilter PathPrefix PolicyUsageFilter Marker MaxItems
    ListGroupPolicies: GroupName Marker MaxItems
    ListGroups: PathPrefix Marker MaxItems
    ListGroupsForUser: UserName Marker MaxItems
    ListInstanceProfiles: Marker MaxItems
    ListInstanceProfilesForRole: RoleName Marker MaxItems
    ListMFADevices: UserName Marker MaxItems
    ListPolicies: Scope OnlyAttached PathPrefix PolicyUsageFilter Marker MaxItems
    ListPolicyTags: PolicyArn Marker MaxItems
    ListPolicyVersions: PolicyArn Marker MaxItems
    ListRolePolicies: RoleName Marker MaxItems
    ListRoleTags: RoleName Marker MaxItems
    ListRoles: PathPrefix Marker MaxItems
    ListSSHPublicKeys: UserName Marker MaxItems
    ListServerCertificates: Marker MaxItems
    ListSigningCertificates: UserName Marker MaxItems
    ListUserPolicies: UserName Marker MaxItems
    ListUserTags: UserName Marker MaxItems
    ListUsers: PathPrefix Marker MaxItems
    PutGroupPolicy: GroupName PolicyName PolicyDocument
    PutRolePermissionsBoundary: RoleName PermissionsBoundary
    PutRolePolicy: RoleName PolicyName PolicyDocument
    PutUserPermissionsBoundary: UserName PermissionsBoundary
    PutUserPolicy: UserName PolicyName PolicyDocument
    RemoveUserFromGroup: GroupName UserName
    SetDefaultPolicyVersion: PolicyArn VersionId
    TagPolicy: PolicyArn Tags{Key Value}
    TagRole: RoleName Tags{Key Value}
    TagUser: UserName Tags{Key Value}
    UntagPolicy: PolicyArn TagKeys
    UntagRole: RoleName TagKeys
    UntagUser: UserName TagKeys
    UpdateAccessKey: UserName AccessKeyId Status
    UpdateAssumeRolePolicy: RoleName PolicyDocument
    UpdateRole: RoleName Description MaxSessionDuration
    UpdateRoleDescription: RoleName Description
    """

  private static let organizations = """
    AcceptHandshake: HandshakeId
    AttachPolicy: PolicyId TargetId
    CancelHandshake: HandshakeId
    CloseAccount: AccountId
    CreateAccount: Email AccountName RoleName Tags{Key Value}
    CreateOrganization: FeatureSet
    CreateOrganizationalUnit: ParentId Name Tags{Key Value}
    CreatePolicy: Content Description Name Type Tags{Key Value}
    DeclineHandshake: HandshakeId
    DeleteOrganizationalUnit: OrganizationalUnitId
    DeletePolicy: PolicyId
    DeregisterDelegatedAdministrator: AccountId ServicePrincipal
    DescribeAccount: AccountId
    DescribeCreateAccountStatus: CreateAccountRequestId
    DescribeEffectivePolicy: PolicyType TargetId
    DescribeHandshake: HandshakeId
    DescribeOrganizationalUnit: OrganizationalUnitId
    DescribePolicy: PolicyId
    DetachPolicy: PolicyId TargetId
    DisableAWSServiceAccess: ServicePrincipal
    DisablePolicyType: RootId PolicyType
    EnableAWSServiceAccess: ServicePrincipal
    EnablePolicyType: RootId PolicyType
    InviteAccountToOrganization: Target{Id Type} Notes Tags{Key Value}
    ListAWSServiceAccessForOrganization: NextToken MaxResults
    ListAccounts: NextToken MaxResults
    ListAccountsForParent: ParentId NextToken MaxResults
    ListChildren: ParentId ChildType NextToken MaxResults
    ListCreateAccountStatus: States NextToken MaxResults
    ListDelegatedAdministrators: ServicePrincipal NextToken MaxResults
    ListDelegatedServicesForAccount: AccountId NextToken MaxResults
    ListHandshakesForAccount: Filter{ActionType ParentHandshakeId} NextToken MaxResults
    ListHandshakesForOrganization: Filter{ActionType ParentHandshakeId} NextToken MaxResults
    ListOrganizationalUnitsForParent: ParentId NextToken MaxResults
    ListParents: ChildId NextToken MaxResults
    ListPolicies: Filter NextToken MaxResults
    ListPoliciesForTarget: TargetId Filter NextToken MaxResults
    ListRoots: NextToken MaxResults
    ListTagsForResource: ResourceId NextToken
    ListTargetsForPolicy: PolicyId NextToken MaxResults
    MoveAccount: AccountId SourceParentId DestinationParentId
    PutResourcePolicy: Content
    RegisterDelegatedAdministrator: AccountId ServicePrincipal
    RemoveAccountFromOrganization: AccountId
    TagResource: ResourceId Tags{Key Value}
    UntagResource: ResourceId TagKeys
    UpdateOrganizationalUnit: OrganizationalUnitId Name
    UpdatePolicy: PolicyId Name Description Content
    """

  private static let sts = """
    AssumeRole: RoleArn RoleSessionName PolicyArns{arn} Policy DurationSeconds Tags{Key Value} TransitiveTagKeys
      ExternalId SerialNumber SourceIdentity
    AssumeRoleWithWebIdentity: RoleArn RoleSessionName WebIdentityToken PolicyArns{arn} Policy
      DurationSeconds
    DecodeAuthorizationMessage: EncodedMessage
    GetAccessKeyInfo: AccessKeyId
    GetSessionToken: DurationSeconds SerialNumber
    """

  private static let withoutEffect: [String: [String: String]] = [
    "ec2:CopyImage": ["SnapshotCopyCompletionDurationMinutes": "how long creation takes is for the world to say"],
    "ec2:CopySnapshot": [
      "DestinationRegion": "AWS's SDKs add it", "PresignedUrl": "AWS's SDKs add it; the caller's own rights count",
    ],
    "ec2:CreateImage": ["NoReboot": "nothing is ever written on a volume"],
    "ec2:DescribeAvailabilityZones": ["AllAvailabilityZones": "there are no Local Zones and no Wavelength Zones"],
    "ec2:DescribeFastLaunchImages": ["ImageIds": "there are none of any image"],
    "ec2:DescribeInstanceStatus": ["IncludeManagedResources": unmanaged],
    "ec2:DescribeInstances": ["IncludeManagedResources": unmanaged],
    "ec2:DescribeKeyPairs": ["IncludePublicKey": "there are none"],
    "ec2:DescribeLaunchTemplateVersions": ["IncludeManagedResources": unmanaged],
    "ec2:DescribeLaunchTemplates": ["IncludeManagedResources": unmanaged],
    "ec2:DescribeNetworkInterfaces": ["IncludeManagedResources": "there are none"],
    "ec2:DescribeStoreImageTasks": ["ImageIds": "there are none of any image"],
    "ec2:DescribeVolumes": ["IncludeManagedResources": unmanaged],
    "ec2:RunInstances": [
      "AdditionalInfo": reserved, "BlockDeviceMappings.VirtualName": "no instance type has an instance store",
      "CreditSpecification.CpuCredits": "CPU credits are not counted",
      "EnablePrimaryIpv6": "networks are not simulated", "MaintenanceOptions.AutoRecovery": "no host ever fails",
      "MetadataOptions.HttpEndpoint": metadata, "MetadataOptions.HttpProtocolIpv6": metadata,
      "MetadataOptions.HttpPutResponseHopLimit": metadata, "MetadataOptions.InstanceMetadataTags": metadata,
      "NetworkPerformanceOptions.BandwidthWeighting": "networks are not simulated",
    ],
    "ec2:StartInstances": ["AdditionalInfo": reserved],
    "ec2:StopInstances": ["Force": noSystem, "SkipOsShutdown": noSystem],
    "ec2:TerminateInstances": ["Force": noSystem, "SkipOsShutdown": noSystem],
    "iam:ListInstanceProfiles": ["PathPrefix": "there are none"],
    "iam:ListServerCertificates": ["PathPrefix": "there are none"],
    "organizations:CreateAccount": ["IamUserAccessToBilling": "nothing is billed"],
    "sts:AssumeRole": ["TokenCode": code], "sts:GetSessionToken": ["TokenCode": code],
  ]

  private static let unmanaged = "no resource is managed by a service"
  private static let reserved = "AWS reserves it"
  private static let metadata = "no instance answers metadata requests; described is AWS's default"
  private static let noSystem = "no instance has an operating system"
  private static let code = "the SerialNumber that it belongs to is refused"
}
