import FoundationEssentials
import Governance
import Testing

@testable import AWSWire

enum Golden {
  /// A file of the folder Golden, or one that is named whole.
  static func document(_ name: String, file: StaticString = #filePath) throws -> Document {
    let folder = "\(file)".split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    let path = name.hasPrefix("/") ? name : "\(folder)/Golden/\(name)"
    return try Document(json: Data(contentsOf: URL(filePath: path)))
  }

  static func operation(_ service: String, _ name: String) throws -> AWSWire.Operation {
    try #require(ServiceModel.named(service)?.operation(name))
  }
}
