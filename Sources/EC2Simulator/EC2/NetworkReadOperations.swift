import AWSWire
import Governance

/// What clients read on their way to images and is not simulated: networks, and rarer features of snapshots and images. A
/// world has none of these, so listings are empty, and an id that is asked for is not there.
enum NetworkReadOperations {
  static let entries: [OperationEntry] = absent.map { kind in
    OperationEntry(
      "ec2", kind.operation, notes: ["There are none in a world: the listing is empty, whatever its filters are."]
    ) { call, _ throws(ServiceError) in
      for (parameter, code, text) in kind.ids {
        if let id = call.texts(parameter).first { throw .ec2(code, text(id)) }
      }
      _ = try Page.ec2(call, idsParameter: "-", idsName: "-")
      _ = try call.filters()
      return Document(entries: [(kind.member, [])])
    }
  }

  private struct Absent: Sendable {
    var operation: String
    var member: String
    var ids: [(parameter: String, code: String, text: @Sendable (String) -> String)]

    init(
      _ operation: String, _ member: String,
      _ ids: [(parameter: String, code: String, text: @Sendable (String) -> String)] = []
    ) {
      self.operation = operation
      self.member = member
      self.ids = ids
    }
  }

  // [doc] "Error codes for the Amazon EC2 API".
  private static let absent: [Absent] = [
    Absent(
      "DescribeVpcs", "Vpcs", [("VpcIds", "InvalidVpcID.NotFound", { "The vpc ID '\($0)' does not exist" })]),
    Absent(
      "DescribeSubnets", "Subnets",
      [("SubnetIds", "InvalidSubnetID.NotFound", { "The subnet ID '\($0)' does not exist" })]),
    Absent(
      "DescribeSecurityGroups", "SecurityGroups",
      [
        ("GroupIds", "InvalidGroup.NotFound", { "The security group '\($0)' does not exist" }),
        ("GroupNames", "InvalidGroup.NotFound", { "The security group '\($0)' does not exist" }),
      ]),
    Absent(
      "DescribeNetworkAcls", "NetworkAcls",
      [("NetworkAclIds", "InvalidNetworkAclID.NotFound", { "The networkAcl ID '\($0)' does not exist" })]),
    Absent(
      "DescribeNetworkInterfaces", "NetworkInterfaces",
      [
        (
          "NetworkInterfaceIds", "InvalidNetworkInterfaceID.NotFound",
          { "The networkInterface ID '\($0)' does not exist" }
        )
      ]),
    Absent(
      "DescribeAddresses", "Addresses",
      [
        ("PublicIps", "InvalidAddress.NotFound", { "Address '\($0)' not found." }),
        ("AllocationIds", "InvalidAllocationID.NotFound", { "The allocation ID '\($0)' does not exist" }),
      ]),
    Absent(
      "DescribeKeyPairs", "KeyPairs",
      [
        ("KeyNames", "InvalidKeyPair.NotFound", { "The key pair '\($0)' does not exist" }),
        ("KeyPairIds", "InvalidKeyPair.NotFound", { "The key pair '\($0)' does not exist" }),
      ]),
    Absent(
      "DescribeClientVpnEndpoints", "ClientVpnEndpoints",
      [
        (
          "ClientVpnEndpointIds", "InvalidClientVpnEndpointId.NotFound",
          { "The specified Client VPN endpoint '\($0)' does not exist" }
        )
      ]),
    Absent(
      "DescribeTransitGateways", "TransitGateways",
      [
        (
          "TransitGatewayIds", "InvalidTransitGatewayID.NotFound",
          { "Transit Gateway \($0) was deleted or does not exist." }
        )
      ]),
    Absent("DescribeFastSnapshotRestores", "FastSnapshotRestores"),
    Absent(
      "DescribeLockedSnapshots", "Snapshots",
      [("SnapshotIds", "InvalidSnapshot.NotFound", { "The snapshot '\($0)' does not exist." })]),
    Absent("DescribeFastLaunchImages", "FastLaunchImages"), Absent("DescribeStoreImageTasks", "StoreImageTaskResults"),
    Absent(
      "DescribeImportSnapshotTasks", "ImportSnapshotTasks",
      [("ImportTaskIds", "InvalidConversionTaskId", { "The import task ID '\($0)' is not valid" })]),
  ]
}
