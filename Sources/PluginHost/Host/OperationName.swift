import Governance

extension APICall {
  /// As manifests and grants write it: `ec2:DescribeImages`.
  var operationName: String { "\(service):\(operation)" }

  /// AWS names its reads so. A discovery run and an observation make no other calls: nobody has approved those.
  var isRead: Bool {
    ["Describe", "Get", "List", "Lookup", "Search", "BatchGet"].contains(where: operation.hasPrefix)
  }
}
