import Governance

/// AWS's own managed policies that worlds, the CLI and Terraform attach most: their actions on the services that are
/// simulated. "AWS Managed Policy Reference Guide".
enum ManagedPolicyCatalog {
  struct Entry: Sendable {
    var name: String
    var path = "/"
    var version: String
    var created: String
    var policy: Policy

    fileprivate init(
      _ name: String, path: String = "/", _ version: String, _ created: String, _ statements: Document...
    ) {
      self.name = name
      self.path = path
      self.version = version
      self.created = created
      policy =
        name == "AdministratorAccess"
        ? .administrator : .known(["Version": "2012-10-17", "Statement": Document(statements)])
    }
  }

  static func arn(_ name: String, partition: Partition = .aws) -> String {
    "arn:\(partition.rawValue):iam::aws:policy\(byName[name]?.path ?? "/")\(name)"
  }

  /// By name, or by ARN in any partition.
  static func entry(_ text: String) -> Entry? {
    text.utf8.starts(with: "arn:".utf8) ? byARN[text] : byName[text]
  }

  private static let byARN = Dictionary(
    uniqueKeysWithValues: Partition.allCases.flatMap { partition in
      entries.map { (arn($0.name, partition: partition), $0) }
    })

  static var names: [String] { byName.keys.sorted() }

  private static let byName = Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0) })

  private static func allow(_ actions: String...) -> Document {
    ["Effect": "Allow", "Action": Document(strings: actions), "Resource": "*"]
  }

  private static let entries: [Entry] = [
    Entry("AdministratorAccess", "v1", "2015-02-06T18:39:46Z"),
    Entry(
      "PowerUserAccess", "v12", "2015-02-06T18:39:47Z",
      ["Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "account:*"], "Resource": "*"],
      allow(
        "account:GetAccountInformation", "account:ListRegions", "iam:CreateServiceLinkedRole",
        "iam:DeleteServiceLinkedRole", "iam:ListRoles", "organizations:DescribeEffectivePolicy",
        "organizations:DescribeOrganization")),
    Entry(
      "ReadOnlyAccess", "v182", "2015-02-06T18:39:48Z",
      allow(
        "cloudtrail:Describe*", "cloudtrail:Get*", "cloudtrail:List*", "cloudtrail:LookupEvents", "ec2:Describe*",
        "ec2:Get*", "ec2:ListImagesInRecycleBin", "ec2:ListSnapshotsInRecycleBin", "iam:Generate*", "iam:Get*",
        "iam:List*", "iam:Simulate*", "organizations:Describe*", "organizations:List*", "sts:GetAccessKeyInfo",
        "sts:GetCallerIdentity", "sts:GetSessionToken")),
    Entry(
      "SecurityAudit", "v86", "2015-02-06T18:41:01Z",
      allow(
        "cloudtrail:LookupEvents", "ec2:Describe*", "ec2:GetAllowedImagesSettings", "ec2:GetEbsDefaultKmsKeyId",
        "ec2:GetEbsEncryptionByDefault", "ec2:GetImageBlockPublicAccessState", "ec2:GetInstanceMetadataDefaults",
        "ec2:GetSerialConsoleAccessStatus", "ec2:GetSnapshotBlockPublicAccessState", "iam:GenerateCredentialReport",
        "iam:GenerateServiceLastAccessedDetails", "iam:Get*", "iam:List*", "iam:SimulateCustomPolicy",
        "iam:SimulatePrincipalPolicy", "organizations:Describe*", "organizations:List*", "sts:GetAccessKeyInfo")),
    Entry(
      "ViewOnlyAccess", path: "/job-function/", "v45", "2016-11-10T17:20:15Z",
      allow(
        "cloudtrail:LookupEvents", "ec2:DescribeAccountAttributes", "ec2:DescribeAvailabilityZones",
        "ec2:DescribeImage*", "ec2:DescribeInstance*", "ec2:DescribeRegions", "ec2:DescribeSnapshot*",
        "ec2:DescribeTags", "ec2:DescribeVolume*", "iam:GetAccountSummary", "iam:GetLoginProfile", "iam:List*",
        "organizations:List*")),
    Entry("AmazonEC2FullAccess", "v5", "2015-02-06T18:40:15Z", allow("ec2:*")),
    Entry(
      "AmazonEC2ReadOnlyAccess", "v5", "2015-02-06T18:40:17Z", allow("ec2:Describe*", "ec2:GetSecurityGroupsForVpc")),
    Entry(
      "IAMFullAccess", "v2", "2015-02-06T18:40:38Z",
      allow(
        "iam:*", "organizations:DescribeAccount", "organizations:DescribeOrganization",
        "organizations:DescribeOrganizationalUnit", "organizations:DescribePolicy", "organizations:ListChildren",
        "organizations:ListParents", "organizations:ListPoliciesForTarget", "organizations:ListRoots",
        "organizations:ListPolicies", "organizations:ListTargetsForPolicy")),
    Entry(
      "IAMReadOnlyAccess", "v4", "2015-02-06T18:40:39Z",
      allow(
        "iam:GenerateCredentialReport", "iam:GenerateServiceLastAccessedDetails", "iam:Get*", "iam:List*",
        "iam:SimulateCustomPolicy", "iam:SimulatePrincipalPolicy")),
    Entry("AWSOrganizationsFullAccess", "v9", "2018-11-06T20:31:57Z", allow("organizations:*")),
    Entry(
      "AWSOrganizationsReadOnlyAccess", "v6", "2018-11-06T20:32:38Z",
      allow("organizations:Describe*", "organizations:List*")),
    Entry(
      "AWSCloudTrail_ReadOnlyAccess", "v1", "2022-06-14T17:19:05Z",
      allow("cloudtrail:Get*", "cloudtrail:Describe*", "cloudtrail:List*", "cloudtrail:LookupEvents")),
    Entry("AWSDenyAll", "v2", "2019-05-01T22:36:14Z", ["Effect": "Deny", "Action": ["*"], "Resource": "*"]),
  ]
}
