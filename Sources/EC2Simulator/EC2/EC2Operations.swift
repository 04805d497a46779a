/// Every EC2 operation, family by family.
enum EC2Operations {
  static let entries: [OperationEntry] =
    images + snapshots + workloads + surroundings

  private static let images: [OperationEntry] =
    ImageReadOperations.entries + ImageAttributeOperations.entries + ImageLifecycleOperations.entries
    + ImageProtectionOperations.entries + ImageCreationOperations.entries + ImageCaptureOperations.entries
    + ImageLineageOperations.entries + ImageUsageReportOperations.entries + ImageReferenceOperations.entries
    + ImageRecycleBinOperations.entries + GuardrailOperations.entries + AllowedImagesOperations.entries

  private static let snapshots: [OperationEntry] =
    VolumeOperations.entries + SnapshotOperations.entries + SnapshotCopyOperations.entries
    + SnapshotAttributeOperations.entries + SnapshotRecycleBinOperations.entries + EncryptionOperations.entries

  private static let workloads: [OperationEntry] =
    InstanceLaunchOperations.entries + InstanceReadOperations.entries + InstanceStateOperations.entries
    + InstanceImageOperations.entries + LaunchTemplateOperations.entries + LaunchTemplateReadOperations.entries

  private static let surroundings: [OperationEntry] =
    RegionOperations.entries + AvailabilityZoneOperations.entries + AccountAttributeOperations.entries
    + TagOperations.entries
}
