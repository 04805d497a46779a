/// What of the EC2 operations differs from AWS, in one place: beside what their code says, this is what the fidelity page
/// is made of.
struct EC2Fidelity: Sendable {
  var notes: [String] = []
  /// Codes and texts that are not established, and what is answered instead.
  var unestablished: [String] = []

  static func annotated(_ entries: [OperationEntry]) -> [OperationEntry] {
    entries.map { entry in
      guard let fidelity = table[entry.name] else { return entry }
      return OperationEntry(
        entry.service, entry.name, authorization: entry.authorization, isMutating: entry.isMutating,
        needsSignature: entry.needsSignature, notes: entry.notes + fidelity.notes,
        unestablished: entry.unestablished + fidelity.unestablished, writer: entry.writer, maker: entry.maker,
        handler: entry.handler)
    }
  }

  private static let networks = "Networks are not simulated: no instance has an address, a subnet or a security group."

  static let table: [String: EC2Fidelity] = images.merging(snapshots) { $1 }.merging(workloads) { $1 }

  private static let images: [String: EC2Fidelity] = [
    "DescribeImages": EC2Fidelity(notes: [
      "Watermarks are not there: the pinned service model has none of AttachImageWatermark, DetachImageWatermark and "
        + "DescribeImageWatermarks.", "FreeTierEligible is true of every image.",
    ]),
    "RegisterImage": EC2Fidelity(notes: [
      "ImageLocation and BillingProducts with a value are refused with UnsupportedOperation: instance-store images and "
        + "billed code are not simulated."
    ]),
    "CopyImage": EC2Fidelity(
      notes: [
        "Encrypted false is taken as not given.", "Permissions on KMS keys are not checked.",
        "A copy is there at once, unless the world says how long creation takes.",
      ]),
    "CreateImage": EC2Fidelity(
      notes: ["Nothing is ever written on a volume, so a reboot changes nothing."],
      unestablished: ["An instance that is neither running nor stopped: IncorrectState."]),
    "DeregisterImage": EC2Fidelity(unestablished: ["A protected image: OperationNotPermitted."]),
    "CancelImageLaunchPermission": EC2Fidelity(unestablished: [
      "An image that is not shared with the account by its id: InvalidRequest."
    ]),
    "RestoreImageFromRecycleBin": EC2Fidelity(
      notes: ["Retention rules stand in world files (recycleBin): the Recycle Bin's own API is not simulated."],
      unestablished: ["An image whose snapshot is not there: InvalidSnapshot.NotFound."]),
    "CreateImageUsageReport": EC2Fidelity(notes: ["A report is available at once."]),
    "DescribeImageUsageReports": EC2Fidelity(unestablished: [
      "A report that is not there: InvalidImageUsageReportId.NotFound."
    ]),
    "DescribeImageReferences": EC2Fidelity(notes: [
      "Parameters of Systems Manager and recipes of Image Builder are not simulated: of these there are none."
    ]),
    "GetImageAncestry": EC2Fidelity(notes: [
      "Of an ancestor that the caller may not see only the id is listed, and the chain ends there."
    ]),
    "ReplaceImageCriteriaInAllowedImagesSettings": EC2Fidelity(unestablished: [
      "Too many criteria or too many values in one: InvalidParameterValue."
    ]),
    "ModifyImageAttribute": EC2Fidelity(unestablished: [
      "Sharing a disabled image: OperationNotPermitted.", "More than 1,000 entities: ResourceLimitExceeded.",
      "More public images than the quota: ResourceLimitExceeded.",
    ]),
  ]

  private static let snapshots: [String: EC2Fidelity] = [
    "CreateSnapshot": EC2Fidelity(
      notes: ["A snapshot is completed at the next read, unless the world says how long creation takes."]),
    "CopySnapshot": EC2Fidelity(
      notes: ["Encrypted false is taken as not given.", "A key that is not there is accepted, and stays accepted."]),
    "DescribeSnapshotTierStatus": EC2Fidelity(notes: ["Archiving and restoring take no time."]),
    "ModifySnapshotAttribute": EC2Fidelity(unestablished: [
      "Sharing publicly under block public access: OperationNotPermitted, with a text modelled on that for images."
    ]),
    "GetEbsDefaultKmsKeyId": EC2Fidelity(notes: [
      "Keys are names: the account's default key is alias/aws/ebs, where AWS gives the ARN of a key."
    ]),
  ]

  private static let workloads: [String: EC2Fidelity] = [
    "RunInstances": EC2Fidelity(
      notes: [
        networks, "An instance is pending in this answer and running in the next.",
        "Instance types are not listed: any word like t3.micro is one. Quotas of vCPUs are not counted.",
        "Key pairs are taken as they are named.",
      ],
      unestablished: ["An image that Allowed AMIs keep out: AuthFailure, as of an image that is not shared."]),
    "DescribeInstances": EC2Fidelity(
      notes: [networks, "Filters on networks, hosts and reservations are known and match nothing."]),
    "DescribeInstanceStatus": EC2Fidelity(
      notes: ["Every running instance is well, and no event is ever scheduled."]),
    "CreateLaunchTemplate": EC2Fidelity(
      notes: ["What a template holds beside an image's id is checked when it is launched."]),
    "DescribeAvailabilityZones": EC2Fidelity(
      notes: ["Zone ids follow the letters. There are no Local Zones and no Wavelength Zones."]),
    "DescribeAccountAttributes": EC2Fidelity(notes: ["There is no default VPC."]),
  ]
}
