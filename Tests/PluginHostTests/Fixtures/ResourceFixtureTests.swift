import Governance
import Orchestrator
import Testing

@testable import PluginHost

@Suite struct ResourceFixtureTests {
  private var recorded: ResourceFixture {
    var image = Resource.image("ami-0a1b2c3d4e5f60718", isPublic: true)
    image.attributes = [
      "ImageId": "ami-0a1b2c3d4e5f60718", "Name": "acme-payroll-web", "OwnerId": "222222222222", "Public": true,
      "State": "available", "CreationDate": "2026-05-11T08:30:00.000Z",
      "LaunchPermissions": [["UserId": "333333333333"], ["Group": "all"]],
      "Tags": [["Key": "Owner", "Value": "alice@acme.example"]],
      "KmsKeyId": "arn:aws:kms:eu-west-1:222222222222:key/11-22",
      "BlockDeviceMappings": [
        ["DeviceName": "/dev/xvda", "Ebs": ["SnapshotId": "snap-0123456789abcdef0", "VolumeSize": 8]]
      ],
      "ImageLocation": "222222222222/acme-payroll-web",
    ]
    image.tags = [Tag(key: "Owner", value: "alice@acme.example")]
    var other = image
    other.account = "333333333333"
    other.id = "ami-0fffffffffffffff1"
    other.arn = "arn:aws:ec2:eu-west-1::image/ami-0fffffffffffffff1"
    other.notes = [
      AttributeNote(
        name: "LaunchPermissions",
        unread: FailureReason(
          kind: .denied, code: "UnauthorizedOperation", message: "arn:aws:iam::333333333333:user/bob"))
    ]
    return ResourceFixture(
      organization: .zoo, resources: [image, other],
      findings: [.init(resource: image.id, check: "image.public", message: "image acme", evidence: ["Public": true])])
  }

  @Test("A recorded fixture holds nothing that names the company, and what was equal or different stays so")
  func redaction() throws {
    var redaction = FixtureRedaction()
    let redacted = redaction.redacted(recorded)
    let json = redacted.json
    for word in [
      "acme", "payroll", "alice", "bob", "222222222222", "333333333333", "ami-0a1b", "snap-0123", "o-zoo", "root\"",
    ] {
      #expect(!json.contains(word), "\(word) in \(json)")
    }
    #expect(json.contains("available") && json.contains("2026-05-11T08:30:00.000Z") && json.contains("\"Owner\""))
    let (first, second) = (redacted.resources[0], redacted.resources[1])
    #expect(first.attributes["OwnerId"]?.string == first.account)
    #expect(first.attributes["ImageId"]?.string == first.id)
    #expect(first.attributes.at(path: "LaunchPermissions.0.UserId")?.string == second.account)
    #expect(first.attributes.at(path: "LaunchPermissions.1.Group") == "all")
    #expect(first.account != second.account && first.id != second.id)
    #expect(first.arn.hasSuffix("image/\(first.id)"))
    #expect(redacted.findings.map(\.resource) == [first.id])
    var again = FixtureRedaction()
    #expect(again.redacted(recorded).json == json)
  }

  @Test("A fixture reads back as it was written")
  func roundTrip() throws {
    var redaction = FixtureRedaction()
    let json = redaction.redacted(recorded).json
    let read = try ResourceFixture(json: Array(json.utf8))
    // The order of an object's entries is not part of what it says.
    #expect(try Document(json: read.json) == Document(json: json))
    #expect(read.resources[1].notes.first?.unread?.code == "UnauthorizedOperation")
  }

  @Test("A plain list is enough, and every problem of a file is named with its pointer")
  func reading() throws {
    let plain = try ResourceFixture(
      json: Array(#"[{"type": "ec2:image", "id": "ami-1", "attributes": {"Tags": [{"Key": "a", "Value": "b"}]}}]"#.utf8)
    )
    #expect(plain.resources[0].tags == [Tag(key: "a", value: "b")])
    #expect(plain.resources[0].arn == "arn:aws:ec2:eu-central-1::image/ami-1")
    let error = #expect(throws: JSONProblems.self) {
      try ResourceFixture(
        json: Array(
          """
          {"resources": [{"type": "image", "id": "x"}, {"id": "y"}, {"type": "ec2:image", "id": "ami-1", "acount": 1}],
           "findings": [{"resource": "ami-2", "check": "c"}], "version": 2}
          """.utf8))
    }
    #expect(
      error?.problems.map(\.pointer) == [
        "/version", "/resources/0/type", "/resources/1/type", "/resources/2/acount", "/findings/0/resource",
      ])
  }
}
