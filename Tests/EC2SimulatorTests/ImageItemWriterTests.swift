import AWSWire
import Determinism
import Governance
import Testing

@testable import EC2Simulator

@Suite("DescribeImages in bytes")
struct ImageItemWriterTests {
  static let texts = [
    "plain", "a&b<c>\"d\"", "\u{1}\r\n\t", "é…\u{FFFF}\u{FFFE}😀", "", XMLTemplate.mark(0), "\u{F8FF}", "<item>",
    "</item>",
  ]
  static let others = ["111111111111", "222222222222"]

  /// Two accounts that share with each other, and images with everything that can be printed.
  static func world(seed: UInt64) -> World {
    var generator = SeededGenerator(seed: seed)
    func text() -> String { texts[generator.below(texts.count)] }
    func maybe<Value>(_ value: @autoclosure () -> Value) -> Value? { generator.below(2) == 0 ? value() : nil }
    var world = World(seed: seed, start: SimulatorClient.start, ambientAccount: others[0])
    for id in others {
      world.put(
        WorldAccount(
          id: id, name: "n", email: "e", alias: id == others[1] ? "amazon" : nil, joined: SimulatorClient.start,
          users: [world.admin(of: id)]))
    }
    for number in 0..<60 {
      var image = WorldImage(
        id: "ami-0\(generator.hexadecimal(digits: 16))", owner: others[number % 2], region: "eu-west-1",
        name: "image \(number % 5) \(text())", created: SimulatorClient.start - .seconds(generator.below(1_000_000)))
      image.state = [.available, .available, .disabled, .pending][generator.below(4)]
      image.deprecation = maybe(SimulatorClient.start + .seconds(generator.below(200_000) - 100_000))
      image.lastLaunched = maybe(SimulatorClient.start)
      image.protection = [.disabled, .enabled, .coolingDown(until: SimulatorClient.start)][generator.below(3)]
      image.enaSupport = maybe(true)
      image.devices = (0..<generator.below(4)).map { device in
        WorldImage.Device(
          name: "/dev/sd\(device)", snapshotID: maybe("snap-0\(generator.hexadecimal(digits: 16))"), size: device,
          isEncrypted: device == 1, iops: maybe(3_000), virtualName: device == 3 ? "ephemeral0" : nil)
      }
      image.sharedWith = [.everyone, .account(others[0]), .account(others[1])].filter { _ in generator.below(2) == 0 }
      image.tags = maybe([Tag(key: "Name", value: text()), Tag(key: "t\(text())", value: "\(number)")]) ?? []
      for member in WorldImage.Member.allCases { image.members[member] = maybe(text()) }
      if generator.below(4) == 0 { image.productCodes = [.init(id: text(), kind: "marketplace")] }
      world.put(image)
    }
    return world
  }

  static let parameters: [Document] = [
    .emptyObject, ["Owners": ["self"]], ["Owners": ["amazon"], "IncludeDeprecated": true], ["IncludeDisabled": true],
    ["MaxResults": 5], ["Filters": [["Name": "name", "Values": ["image 1*", "image 2*"]]]],
    ["Filters": [["Name": "tag-key", "Values": ["Name"]]]], ["ExecutableUsers": ["self"]], ["ExecutableUsers": ["all"]],
    ["Filters": [["Name": "block-device-mapping.snapshot-id", "Values": ["snap-*"]]]],
    ["Filters": [["Name": "owner-alias", "Values": ["amazon"]]]],
  ]

  @Test("They are the ones that the shape gives for the document", arguments: [1, 2, 3, 4] as [UInt64])
  func agreesWithTheShape(seed: UInt64) throws {
    let operation = try #require(ServiceModel.named("ec2")?.operation("DescribeImages"))
    for account in Self.others {
      for variant in 0..<3 {
        var world = Self.world(seed: seed)
        world.ambientAccount = account
        world.change(Scope(account: account, region: "eu-west-1")) { scope in
          if variant == 1 {
            scope.allowedImages.state = "audit-mode"
            scope.allowedImages.criteria = [["ImageNames": ["image 1*"]], ["ImageProviders": ["amazon"]]]
          }
        }
        if variant == 2 {
          let foreign = world.sharedImages.ids(in: "eu-west-1", grantedTo: [.everyone])
          world.change(Scope(account: account, region: "eu-west-1")) { scope in
            for id in foreign.prefix(10) { scope.foreignTags[id] = [Tag(key: "mine", value: "&")] }
          }
        }
        let client = try SimulatorClient(world: world)
        for parameters in Self.parameters {
          let written = client.simulator.respond(to: try client.request("ec2", "DescribeImages", parameters))
          let document = try client.simulator.perform(
            DirectCall(
              service: "ec2", operation: "DescribeImages", region: "eu-west-1", parameters: parameters,
              credentials: client.credentials)
          ).get()
          let id = try #require(written.headers["x-amzn-RequestId"])
          let expected = ServerCodec.response(operation, document, requestID: id)
          #expect(
            String(decoding: written.body, as: UTF8.self) == String(decoding: expected.body, as: UTF8.self),
            "\(account) \(variant) \(parameters.json)")
          #expect(written.headers == expected.headers)
          // And libxml2 reads what was meant.
          #expect(try ClientCodec.response(operation, written)["Images"]?.count == document["Images"]?.count)
        }
      }
    }
  }
}
