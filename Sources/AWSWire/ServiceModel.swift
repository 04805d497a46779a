import Synchronization

/// A service as its model describes it. Loading costs only what is used: an operation's shapes are read from the
/// embedded table when they are first asked for.
package final class ServiceModel: Sendable {
  package enum WireProtocol: String, Sendable { case ec2, query, json }

  /// The name a plugin and the AWS CLI use: ec2, sts, organizations, cloudtrail, iam.
  package let name: String
  package let wireProtocol: WireProtocol
  package let apiVersion: String
  package let signingName: String
  package let endpointPrefix: String
  package let xmlNamespace: String
  package let targetPrefix: String
  package let jsonVersion: String
  private let table: ShapeTable
  private let operations = Mutex<[String: Operation]>([:])

  package static let names = ["cloudtrail", "ec2", "iam", "organizations", "sts"]

  package static func named(_ name: String) -> ServiceModel? { loaded[name] }

  private static let loaded: [String: ServiceModel] = Dictionary(
    uniqueKeysWithValues: ShapeTable.all.map { ($0.key, ServiceModel(name: $0.key, table: $0.value)) })

  private init(name: String, table: ShapeTable) {
    self.name = name
    self.table = table
    let header = table.header
    wireProtocol = WireProtocol(rawValue: header["protocol"] ?? "") ?? .query
    apiVersion = header["apiVersion"] ?? ""
    signingName = header["signingName"] ?? ""
    endpointPrefix = header["endpointPrefix"] ?? ""
    xmlNamespace = header["xmlNamespace"] ?? ""
    targetPrefix = header["targetPrefix"] ?? ""
    jsonVersion = header["jsonVersion"] ?? ""
  }

  /// Only names of the table get into memory and stay: what anybody asks a simulator for costs none.
  package func operation(_ name: String) -> Operation? {
    if let known = operations.withLock({ $0[name] }) { return known }
    guard let fields = table.operation(named: name) else { return nil }
    let operation = Operation(
      service: self, name: name, input: fields.input, output: fields.output, pagination: fields.pagination)
    return operations.withLock { operations in
      if let other = operations[name] { return other }
      operations[name] = operation
      return operation
    }
  }

  /// Sorted.
  package var operationNames: [String] { table.operationLines.compactMap { table.fields(ofLine: $0).first } }
}

package final class Operation: Sendable {
  package struct Pagination: Sendable {
    package var inputToken: String
    package var outputToken: String
    package var limitKey: String?
    /// Member names of the lists that grow from page to page.
    package var resultKeys: [String]

    package init(inputToken: String, outputToken: String, limitKey: String?, resultKeys: [String]) {
      self.inputToken = inputToken
      self.outputToken = outputToken
      self.limitKey = limitKey
      self.resultKeys = resultKeys
    }

    init?(_ field: String) {
      let parts = field.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 4 else { return nil }
      inputToken = parts[0]
      outputToken = parts[1]
      limitKey = parts[2].isEmpty ? nil : parts[2]
      resultKeys = parts[3].split(separator: ",").map(String.init)
    }
  }
  package let service: ServiceModel
  package let name: String
  package let input: Shape?
  package let output: Shape?
  package let pagination: Pagination?
  /// The elements around an answer.
  let responseName: String
  let resultName: String

  init(service: ServiceModel, name: String, input: Shape?, output: Shape?, pagination: Pagination?) {
    self.service = service
    self.name = name
    self.input = input
    self.output = output
    self.pagination = pagination
    responseName = name + "Response"
    resultName = name + "Result"
  }
}
