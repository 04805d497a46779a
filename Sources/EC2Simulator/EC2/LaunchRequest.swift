import AWSWire
import Governance

/// What a RunInstances call asks for: its own parameters over those of its launch template.
struct LaunchRequest {
  private let call: Call
  private let data: Document
  let template: WorldInstance.Template?

  init(_ call: Call, _ world: World) throws(ServiceError) {
    self.call = call
    guard let given = call.parameters["LaunchTemplate"] else {
      data = .emptyObject
      template = nil
      return
    }
    let found = try LaunchTemplateLookup.find(
      id: given["LaunchTemplateId"]?.string, name: given["LaunchTemplateName"]?.string, call, world)
    let version = try LaunchTemplateLookup.version(given["Version"]?.string ?? "$Default", of: found)
    data = version.data
    template = .init(id: found.id, name: found.name, version: version.number)
  }

  subscript(_ name: String) -> Document? { call.parameters[name] ?? data[name] }
  func text(_ name: String) -> String? { self[name]?.string }
  func bool(_ name: String) -> Bool { self[name]?.bool ?? false }

  var imageID: String? { text("ImageId") }
  /// [doc] "Default: m1.small".
  var kind: String { text("InstanceType") ?? "m1.small" }

  /// Mappings of the request and of the template by device name; the request's win.
  var mappings: [String: Document] {
    let all = (data["BlockDeviceMappings"]?.elements ?? []) + call.list("BlockDeviceMappings")
    return Dictionary(all.compactMap { mapping in mapping["DeviceName"]?.string.map { ($0, mapping) } }) { $1 }
  }

  /// Tags of both for one type of resource; the request's win.
  func tags(of type: String) throws(ServiceError) -> [Tag] {
    let types = ["instance", "volume", "network-interface", "spot-instances-request"]
    let own = try TagOperations.creationTags(call, of: type, among: types)
    var tags: [Tag] = []
    for specification in data["TagSpecifications"]?.elements ?? [] where specification["ResourceType"]?.string == type {
      tags += TagOperations.tags(in: specification)
    }
    return TagOperations.merged(tags, with: own)
  }

  /// What would not be as asked for is refused, not left out.
  func refuseUnsupported() throws(ServiceError) {
    // Of the request itself this is refused before; a template may carry it.
    if let name = OperationTable.entry("ec2", "RunInstances")?.parameters.firstMissing(in: data) {
      throw .ec2("UnsupportedOperation", "\(name) is not simulated.")
    }
    // [quote] There are no networks in a world, so none that a request can name.
    if let subnet = text("SubnetId") {
      throw .ec2("InvalidSubnetID.NotFound", "The subnet ID '\(subnet)' does not exist")
    }
    let groups = (self["SecurityGroupIds"]?.elements ?? []) + (self["SecurityGroups"]?.elements ?? [])
    if let group = groups.first?.string {
      throw .ec2("InvalidGroup.NotFound", "The security group '\(group)' does not exist")
    }
  }
}
