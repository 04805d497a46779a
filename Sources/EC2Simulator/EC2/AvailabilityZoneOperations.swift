import AWSWire
import Governance

enum AvailabilityZoneOperations {
  static let entries: [OperationEntry] = [
    OperationEntry("ec2", "DescribeAvailabilityZones") { call, state throws(ServiceError) in
      try describe(call, state.world)
    }
  ]

  /// The zones of a region: three, and more where AWS's oldest regions have them. Their ids follow the letters; AWS
  /// shuffles them per account in the oldest regions.
  static func names(in region: String) -> [String] {
    let letters =
      switch region {
      case "us-east-1": "abcdef"
      case "us-west-2", "ap-northeast-2": "abcd"
      default: "abc"
      }
    return letters.map { region + String($0) }
  }

  /// `euw1-az1` for `eu-west-1a`.
  static func id(of zone: String) -> String {
    let region = zone.dropLast()
    let number = (zone.utf8.last ?? 97) - 96
    let parts = region.split(separator: "-")
    let short = parts.enumerated().map { position, part -> String in
      guard position > 0, Int(part) == nil else { return String(part) }
      if part == "gov" { return "g" }
      // southeast: se
      let compass = ["north", "south", "east", "west", "central"]
      var rest = part[...]
      var letters = ""
      while let word = compass.first(where: { rest.hasPrefix($0) }) {
        letters += word.prefix(1)
        rest = rest.dropFirst(word.count)
      }
      return letters
    }
    return short.joined() + "-az\(number)"
  }

  /// A zone that a call names, or the region's first.
  static func check(_ zone: String, _ call: Call) throws(ServiceError) {
    guard names(in: call.region).contains(zone) else {
      throw .ec2("InvalidZone.NotFound", "The zone '\(zone)' does not exist.")
    }
  }

  private static let filterNames: Set<String> = [
    "group-long-name", "group-name", "message", "opt-in-status", "parent-zone-id", "parent-zone-name", "region-name",
    "state", "zone-id", "zone-name", "zone-type",
  ]

  private static func describe(_ call: Call, _ world: World) throws(ServiceError) -> Document {
    let filters = try Listing(call: call, filterNames: filterNames).filters()
    let zones = names(in: call.region)
    for name in call.texts("ZoneNames") { try check(name, call) }
    for id in call.texts("ZoneIds") where !zones.contains(where: { self.id(of: $0) == id }) {
      throw .ec2("InvalidParameterValue", "Invalid availability zone-id: [\(id)]")
    }
    let asked = Set(call.texts("ZoneNames")).union(call.texts("ZoneIds"))
    let listed = zones.filter { zone in
      guard asked.isEmpty || asked.contains(zone) || asked.contains(id(of: zone)) else { return false }
      return filters.allSatisfy { matches($0, zone, call.region) }
    }
    return ["AvailabilityZones": Document(listed.map { document($0, call.region) })]
  }

  private static func matches(_ filter: Filter, _ zone: String, _ region: String) -> Bool {
    switch filter.name {
    case "group-long-name", "group-name": filter.matches("\(region)-zg-1")
    case "opt-in-status": filter.matches("opt-in-not-required")
    case "region-name": filter.matches(region)
    case "state": filter.matches("available")
    case "zone-id": filter.matches(id(of: zone))
    case "zone-name": filter.matches(zone)
    case "zone-type": filter.matches("availability-zone")
    default: false
    }
  }

  private static func document(_ zone: String, _ region: String) -> Document {
    [
      "OptInStatus": "opt-in-not-required", "Messages": [], "RegionName": Document(region),
      "ZoneName": Document(zone), "ZoneId": Document(id(of: zone)), "GroupName": Document("\(region)-zg-1"),
      "NetworkBorderGroup": Document(region), "ZoneType": "availability-zone", "State": "available",
    ]
  }
}
