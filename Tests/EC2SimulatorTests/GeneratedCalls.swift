import AWSWire
import Determinism
import Governance

@testable import EC2Simulator

/// Calls of every operation, drawn from the service model by seed: mostly of things that the world below has, so that
/// handlers get far.
struct GeneratedCalls {
  private var generator: SeededGenerator
  private let operation: Operation
  /// What a call may hold; nil of a path: everything.
  private let isWanted: (String) -> Bool

  init(_ operation: Operation, seed: UInt64, isWanted: @escaping (String) -> Bool) {
    self.operation = operation
    self.isWanted = isWanted
    generator = SeededGenerator(seed: seed, stream: "\(operation.service.name):\(operation.name)")
  }

  /// Of the members that need not be there, about so many of a hundred are.
  mutating func next(percent: Int) -> Document {
    guard let input = operation.input else { return .emptyObject }
    return structure(input, path: "", percent: percent)
  }

  private mutating func structure(_ shape: Shape, path: String, percent: Int) -> Document {
    var entries: [(name: String, value: Document?)] = []
    // Where a structure says one thing in one of several members.
    let only = Self.alternatives[path.isEmpty ? operation.name : path].map { pick($0) }
    for member in shape.members where path.split(separator: ".").count < 6 {
      if let only, !only.contains(member.name) { continue }
      let place = path.isEmpty ? member.name : "\(path).\(member.name)"
      let isNeeded =
        member.isRequired || Self.needed[path.isEmpty ? operation.name : path]?.contains(member.name) == true
      guard isWanted(place), isNeeded || draw(100) < percent else { continue }
      entries.append((member.name, value(member.shape, member.name, path: place, percent: percent)))
    }
    return Document(entries: entries)
  }

  private mutating func value(_ shape: Shape, _ name: String, path: String, percent: Int) -> Document {
    switch shape.kind {
    case .structure: return structure(shape, path: path, percent: pick([20, 60, 100]))
    case .list:
      let element = name.hasSuffix("s") ? String(name.dropLast()) : name
      return Document((0...draw(2)).map { _ in value(shape.element, element, path: path, percent: percent) })
    case .map: return .emptyObject
    case .boolean: return Document(draw(2) == 0)
    case .integer, .long: return Document(pick(Self.numbers[name] ?? [1, 5, 8, 900, 1_000]))
    case .float, .double: return Document(floatLiteral: 1)
    case .timestamp: return Document(pick(["2026-11-22T00:00:00Z", "2027-01-01T00:00:00Z"]))
    case .blob: return "YQ=="
    case .string:
      let pools = ["\(operation.name).\(path)", "\(operation.name).\(name)", "\(operation.service.name):\(name)", name]
      if let pool = pools.lazy.compactMap({ Self.texts[$0] }).first { return Document(pick(pool)) }
      return Document(shape.values.isEmpty ? pick(["a", "self", "us-east-1", "1"]) : pick(shape.values))
    }
  }

  private mutating func draw(_ bound: Int) -> Int { generator.below(bound) }
  private mutating func pick<Value>(_ values: [Value]) -> Value { values[draw(values.count)] }

  private static let alternatives: [String: [Set<String>]] = [
    "ModifyImageAttribute": [
      ["ImageId", "LaunchPermission"], ["ImageId", "Description", "ImdsSupport"], ["ImageId", "Attribute", "Value"],
      ["ImageId", "OperationType", "UserIds", "UserGroups", "OrganizationArns", "OrganizationalUnitArns"],
      ["ImageId", "ProductCodes"],
    ],
    "RunInstances": [
      ["ImageId", "InstanceType", "MinCount", "MaxCount", "BlockDeviceMappings", "TagSpecifications"],
      ["ImageId", "InstanceType", "MinCount", "MaxCount", "SubnetId", "SecurityGroups", "SecurityGroupIds"],
      [
        "ImageId", "InstanceType", "MinCount", "MaxCount", "LaunchTemplate", "KeyName", "Monitoring", "Placement",
        "UserData", "MetadataOptions", "DisableApiTermination", "InstanceInitiatedShutdownBehavior", "ClientToken",
        "IamInstanceProfile", "EbsOptimized",
      ],
    ],
    "RegisterImage": [
      [
        "Name", "RootDeviceName", "BlockDeviceMappings", "TagSpecifications", "Description", "Architecture", "KernelId",
        "RamdiskId", "BootMode", "TpmSupport", "UefiData", "ImdsSupport", "VirtualizationType", "SriovNetSupport",
        "EnaSupport",
      ], ["Name", "ImageLocation", "BillingProducts"],
    ],
    "BlockDeviceMappings": [["DeviceName", "VirtualName", "Ebs"], ["DeviceName", "NoDevice"]],
    "ModifySnapshotAttribute": [
      ["SnapshotId", "CreateVolumePermission"],
      ["SnapshotId", "Attribute", "OperationType", "UserIds", "GroupNames"],
    ],
  ]

  /// What an operation does not get far without, although the model does not require it.
  private static let needed: [String: Set<String>] = [
    "RegisterImage": ["Name", "RootDeviceName", "BlockDeviceMappings"], "CreateVolume": ["AvailabilityZone", "Size"],
    "TagSpecifications": ["ResourceType", "Tags"], "TagSpecifications.Tags": ["Key"], "Filters": ["Name"],
    "BlockDeviceMappings": ["DeviceName", "Ebs", "NoDevice"], "RunInstances": ["ImageId", "InstanceType"],
    "ModifyLaunchTemplate": ["DefaultVersion"],
  ]

  private static let numbers: [String: [Int]] = [
    "MinCount": [1], "MaxCount": [1, 2], "MaxSessionDuration": [3_600, 7_200], "DurationSeconds": [900, 3_600],
    "MaxResults": [5, 10, 20], "Iops": [3_000], "Throughput": [125], "TemporaryRestoreDays": [3], "VolumeSize": [8, 9],
    "Size": [8, 20], "MaxItems": [1, 100],
  ]

  private static let policy =
    #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:Describe*","Resource":"*"}]}"#
  private static let trust =
    #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"sts:AssumeRole"}]}"#
  private static let images = ["ami-00000000000000a01", "ami-00000000000000a02", "ami-00000000000000a04"]
  private static let snapshots = ["snap-00000000000000e01", "snap-00000000000000e02"]

  private static let texts: [String: [String]] = [
    "ImageId": images + ["ami-00000000000000a03"], "SourceImageId": images, "SnapshotId": snapshots,
    "SourceSnapshotId": snapshots, "VolumeId": ["vol-00000000000000b01", "vol-00000000000000b02"],
    "ExcludeDataVolumeId": ["vol-00000000000000b01"], "InstanceId": ["i-00000000000000c01", "i-00000000000000c02"],
    "LaunchTemplateId": ["lt-00000000000000d01"], "LaunchTemplateName": ["web"],
    "CreateLaunchTemplate.LaunchTemplateName": ["fresh"], "LaunchTemplateVersion": ["1"], "Version": ["1", "$Latest"],
    "DefaultVersion": ["1"], "SourceVersion": ["1"], "MinVersion": ["1"], "MaxVersion": ["2"],
    "Resource": images + snapshots, "UserId": ["222222222222"], "OwnerId": ["self"], "Owner": ["self"],
    "RestorableByUserId": ["self"], "ExecutableUser": ["self", "all"], "Group": ["all"], "GroupName": ["all"],
    "UserGroup": ["all"], "SourceRegion": ["us-east-1"], "RegionName": ["us-east-1"], "ZoneName": ["us-east-1a"],
    "AvailabilityZone": ["us-east-1a"], "ZoneId": ["use1-az1"], "KmsKeyId": ["alias/own"], "DeviceName": ["/dev/xvda"],
    "RootDeviceName": ["/dev/xvda"], "VirtualName": ["ephemeral0"], "NoDevice": [""], "VolumeType": ["gp3", "io1"],
    "InstanceType": ["t3.micro"],
    "Attribute": ["description", "launchPermission", "createVolumePermission", "userData"],
    "ResetImageAttribute.Attribute": ["launchPermission"],
    "ResetSnapshotAttribute.Attribute": ["createVolumePermission"],
    "OperationType": ["add", "remove"], "Key": ["Owner", "Team"], "Value": ["v2.0", "text"], "ClientToken": ["once"],
    "OrganizationArn": ["arn:aws:organizations::111111111111:organization/o-home"],
    "OrganizationalUnitArn": ["arn:aws:organizations::111111111111:ou/o-home/ou-home-prod"],
    "ImageProvider": ["amazon"], "ImageName": ["web-*"], "MarketplaceProductCode": ["code"],
    "ResourceType": ["image", "snapshot", "volume", "instance", "launch-template", "image-usage-report"],
    "CreateImageUsageReport.ResourceTypes.ResourceType": ["ec2:Instance", "ec2:LaunchTemplate"],
    "CreateImageUsageReport.TagSpecifications.ResourceType": ["image-usage-report"],
    "CreateImageUsageReport.ImageId": ["ami-00000000000000a01"],
    "RunInstances.ImageId": ["ami-00000000000000a01"], "RunInstances.ResourceType": ["instance", "volume"],
    "CreateVolume.ResourceType": ["volume"], "Location": ["regional"],
    "RegisterImage.ResourceType": ["image"], "CopyImage.ResourceType": ["image", "snapshot"],
    "CreateImage.ResourceType": ["image", "snapshot"], "CopySnapshot.ResourceType": ["snapshot"],
    "DescribeImageReferences.ResourceType": ["ec2:Instance", "ec2:LaunchTemplate"], "OptionName": ["state-name"],
    "OptionValue": ["running"], "AccountId": ["222222222222"], "HttpTokens": ["required"],
    "CreateImageUsageReport.AccountId": ["222222222222"], "BootMode": ["uefi"], "ImdsSupport": ["v2.0"],
    "RegisterImage.Name": ["fresh"], "CopyImage.Name": ["fresh"], "CreateImage.Name": ["fresh"],
    "RegisterImage.SnapshotId": ["snap-00000000000000e01"], "RegisterImage.VirtualName": [""],
    // IAM and Organizations.
    "iam:GroupName": ["admins"], "UserName": ["anna"], "CreateUser.UserName": ["fresh"], "RoleName": ["Reader"],
    "CreateRole.RoleName": ["Fresh"],
    "CreateGroup.GroupName": ["fresh"], "PolicyName": ["reads"], "CreatePolicy.PolicyName": ["fresh"],
    "PolicyArn": ["arn:aws:iam::111111111111:policy/kept"],
    "PermissionsBoundary": ["arn:aws:iam::111111111111:policy/kept"], "PolicyDocument": [policy],
    "UpdateAssumeRolePolicy.PolicyDocument": [trust], "AssumeRolePolicyDocument": [trust], "Path": ["/teams/"],
    "PathPrefix": ["/"], "VersionId": ["v1", "v2"], "AccessKeyId": ["AKIAANNAANNAANNAANNA"], "TagKey": ["Team"],
    "RoleArn": ["arn:aws:iam::111111111111:role/Reader"], "RoleSessionName": ["test"],
    "AssumeRoleWithWebIdentity.RoleArn": ["arn:aws:iam::111111111111:role/Pipeline"], "WebIdentityToken": ["token"],
    "Policy": [policy], "arn": ["arn:aws:iam::aws:policy/ReadOnlyAccess"], "Content": [policy],
    "PolicyId": ["p-home0001"], "TargetId": ["222222222222", "r-home"], "RootId": ["r-home"],
    "ParentId": ["r-home", "ou-home-prod"], "ChildId": ["222222222222"], "SourceParentId": ["r-home", "ou-home-prod"],
    "DestinationParentId": ["r-home", "ou-home-prod"], "OrganizationalUnitId": ["ou-home-prod", "ou-home-empty"],
    "PutResourcePolicy.Content": [trust.replacing("sts:AssumeRole", with: "organizations:ListAccounts")],
    "DescribeEffectivePolicy.PolicyType": ["DECLARATIVE_POLICY_EC2"], "PolicyType": ["SERVICE_CONTROL_POLICY"],
    "Type": ["SERVICE_CONTROL_POLICY", "ACCOUNT"],
    "Filter": ["SERVICE_CONTROL_POLICY"], "ResourceId": ["222222222222"], "Email": ["new@example.com"],
    "ServicePrincipal": ["access-analyzer.amazonaws.com"], "Id": ["333333333333"],
  ]

  /// One account that has something of everything and calls itself what it likes.
  static let world = """
    seed: 12
    throttling: off
    regions: [us-east-1, eu-west-1, {name: me-south-1, optIn: true}]
    organization:
      id: o-home
      root: r-home
      management: "111111111111"
      units: [{id: ou-home-prod, name: Prod}, {id: ou-home-empty, name: Empty}]
      policies: [{id: p-home0001, name: fence, document: {Statement: [{Effect: Deny, Action: "s3:*", Resource: "*"}]}}]
      trustedServices: [access-analyzer.amazonaws.com]
    webIdentityTokens: [{token: token, issuer: token.example.com, subject: s, audience: sts.amazonaws.com}]
    accounts:
      - id: "111111111111"
        imageBlockPublicAccess: {us-east-1: unblocked}
        snapshotBlockPublicAccess: {us-east-1: unblocked}
        recycleBin: {us-east-1: {keepImages: 24h, keepSnapshots: 24h}}
        users:
          - {name: admin, policies: [AdministratorAccess]}
          - {name: anna, accessKeys: [{id: AKIAANNAANNAANNAANNA, secret: s}], policies: [ReadOnlyAccess]}
        groups: [{name: admins, policies: [AdministratorAccess, kept]}]
        policies: [{name: kept, document: {Statement: [{Effect: Allow, Action: "ec2:Describe*", Resource: "*"}]}}]
        identityProviders: [{url: "https://token.example.com", clientIds: [sts.amazonaws.com]}]
        roles:
          - {name: Reader, trust: {Statement: [{Effect: Allow, Principal: {AWS: "111111111111"}, Action: "sts:*"}]}, policies: [ReadOnlyAccess]}
          - name: Pipeline
            trust:
              Statement: [{Effect: Allow, Principal: {Federated: "arn:aws:iam::111111111111:oidc-provider/token.example.com"}, Action: "sts:AssumeRoleWithWebIdentity"}]
        snapshots: [{id: snap-00000000000000e01, region: us-east-1}, {id: snap-00000000000000e02, region: us-east-1}]
        images:
          - {id: ami-00000000000000a01, region: us-east-1, name: one, tags: {Owner: a}}
          - {id: ami-00000000000000a02, region: us-east-1, name: two, sharedWith: [all]}
          - {id: ami-00000000000000a03, region: us-east-1, name: three, state: disabled}
        volumes:
          - {id: vol-00000000000000b01, region: us-east-1, size: 3}
          - {id: vol-00000000000000b02, region: us-east-1, size: 3, attached: {instance: i-00000000000000c01}}
        instances:
          - {id: i-00000000000000c01, region: us-east-1, image: ami-00000000000000a01, devices: [{volume: vol-00000000000000b02}]}
          - {id: i-00000000000000c02, region: us-east-1, image: ami-00000000000000a02, state: stopped}
        launchTemplates: [{id: lt-00000000000000d01, region: us-east-1, name: web, image: ami-00000000000000a02}]
      - id: "222222222222"
        images:
          - {id: ami-00000000000000a04, region: us-east-1, name: theirs, sharedWith: [all, "111111111111"]}
          - {id: ami-00000000000000a05, region: us-east-1, name: old, deprecated: 2026-01-01T00:00:00Z, sharedWith: [all]}
      - id: "333333333333"
        organization: none
        users: [{name: alone, accessKeys: [{id: ALONEKEY, secret: s}], policies: [AdministratorAccess]}]
    """

  /// Who is in no organization.
  static let alone = Credentials(accessKeyID: "ALONEKEY", secretAccessKey: "s")

  /// What must have happened before an operation gets to its last parameter.
  static let preparations: [String: [(service: String, operation: String, parameters: Document)]] = [
    "ec2:RestoreSnapshotTier": [
      ("ec2", "ModifySnapshotTier", ["SnapshotId": "snap-00000000000000e01"]),
      ("ec2", "ModifySnapshotTier", ["SnapshotId": "snap-00000000000000e02"]),
    ],
    "organizations:ListDelegatedServicesForAccount": [
      (
        "organizations", "RegisterDelegatedAdministrator",
        ["AccountId": "222222222222", "ServicePrincipal": "access-analyzer.amazonaws.com"]
      )
    ],
  ]
}
