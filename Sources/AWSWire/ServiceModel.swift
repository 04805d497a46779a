/// A service as its model describes it. Loading costs only what is used: an operation's shapes are read from the
/// embedded table when they are first asked for.
package struct ServiceModel: Sendable {
  package enum WireProtocol: String, Sendable { case ec2, query, json }

  /// The name a plugin and the AWS CLI use: ec2, sts, organizations, cloudtrail.
  package let name: String
  package let wireProtocol: WireProtocol
  package let apiVersion: String
  package let signingName: String
  package let endpointPrefix: String
  package let xmlNamespace: String
  package let targetPrefix: String
  package let jsonVersion: String

  package static let names = ["cloudtrail", "ec2", "organizations", "sts"]
  package static func named(_ name: String) -> ServiceModel? { preconditionFailure("skeleton") }

  package func operation(_ name: String) -> Operation? { preconditionFailure("skeleton") }
  /// Sorted.
  package var operationNames: [String] { preconditionFailure("skeleton") }
}

package struct Operation: Sendable {
  package struct Pagination: Sendable {
    package var inputToken: String
    package var outputToken: String
    package var limitKey: String?
    /// Member names of the lists that grow from page to page.
    package var resultKeys: [String]
  }
  package let service: ServiceModel
  package let name: String
  package let input: Shape?
  package let output: Shape?
  package let pagination: Pagination?
}

/// A type of a service model.
package indirect enum Shape: Sendable {
  package struct Member: Sendable {
    /// As the model and the AWS CLI name it.
    package let name: String
    /// On the wire: in requests, and in responses.
    package let requestName: String
    package let responseName: String
    package let isRequired: Bool
    package let shape: Shape
  }
  case structure([Member])
}
