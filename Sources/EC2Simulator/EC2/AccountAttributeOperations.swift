import AWSWire
import Governance

/// DescribeAccountAttributes. There is no default VPC: networks are not simulated.
enum AccountAttributeOperations {
  static let entries: [OperationEntry] = [
    OperationEntry("ec2", "DescribeAccountAttributes") { call, _ throws(ServiceError) in
      let wanted = call.texts("AttributeNames")
      for name in wanted where !attributes.contains(where: { $0.name == name }) {
        throw .ec2("InvalidParameterValue", "Value (\(name)) for parameter attributeName is invalid.")
      }
      let listed = attributes.filter { wanted.isEmpty || wanted.contains($0.name) }
      return [
        "AccountAttributes": Document(
          listed.map { attribute in
            [
              "AttributeName": Document(attribute.name),
              "AttributeValues": [["AttributeValue": Document(attribute.value)]],
            ]
          })
      ]
    }
  ]

  private static let attributes: [(name: String, value: String)] = [
    ("supported-platforms", "VPC"), ("vpc-max-security-groups-per-interface", "5"), ("max-elastic-ips", "5"),
    ("max-instances", "20"), ("vpc-max-elastic-ips", "5"), ("default-vpc", "none"),
  ]
}
