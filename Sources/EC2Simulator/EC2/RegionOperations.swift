import AWSWire
import Governance

enum RegionOperations {
  static let entries: [OperationEntry] = [
    OperationEntry("ec2", "DescribeRegions") { call, state throws(ServiceError) in try describe(call, state.world) }
  ]

  private static func describe(_ call: Call, _ world: World) throws(ServiceError) -> Document {
    let names = call.texts("RegionNames")
    let unknown = names.filter { name in !world.regions.contains { $0.name == name } }
    guard unknown.isEmpty else {
      throw .ec2("InvalidParameterValue", "Invalid region names: [\(unknown.joined(separator: ", "))]")
    }
    let filters = try call.filters()
    var regions: [Document] = []
    for region in world.regions.sorted(by: { $0.name < $1.name }) {
      let enabled = world.isRegionEnabled(region.name, in: call.caller.account)
      // Without AllRegions, only what is switched on for the account is listed, whatever was named.
      guard enabled || call.bool("AllRegions"), names.isEmpty || names.contains(region.name) else { continue }
      let status = region.needsOptIn ? (enabled ? "opted-in" : "not-opted-in") : "opt-in-not-required"
      let endpoint = "ec2.\(region.name).\(Partition(region: region.name).dnsSuffix)"
      var matches = true
      for filter in filters {
        switch filter.name {
        case "region-name": matches = matches && filter.matches(region.name)
        case "endpoint": matches = matches && filter.matches(endpoint)
        case "opt-in-status": matches = matches && filter.matches(status)
        default: throw filter.invalid
        }
      }
      guard matches else { continue }
      regions.append([
        "RegionName": Document(region.name), "Endpoint": Document(endpoint), "OptInStatus": Document(status),
      ])
    }
    return ["Regions": Document(regions)]
  }
}
