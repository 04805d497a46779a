import AWSWire
import Governance
import Testing

@testable import EC2Simulator

@Suite struct StrictnessTests {
  static let world = """
    seed: 2
    throttling: off
    strictness: lenient
    regions: [us-east-1]
    accounts:
      - {id: "123456789012", users: [{name: moto, accessKeys: [{id: test, secret: test}], policies: [ReadOnlyAccess]}]}
      - {id: "210987654321", users: []}
    """

  @Test("A lenient world takes whoever comes: as a user it has, as the account the key names, as the ambient account")
  func lenient() throws {
    var client = try SimulatorClient(yaml: Self.world, region: "us-east-1")
    // A date in the past and another secret: nothing is verified.
    client.date = Timestamp(iso8601: "2001-01-01T00:00:00Z")
    for (key, arn) in [
      ("test", "arn:aws:iam::123456789012:user/moto"), ("FOOBARKEY", "arn:aws:iam::123456789012:user/anyone"),
      ("210987654321", "arn:aws:iam::210987654321:user/anyone"),
      ("999999999999", "arn:aws:iam::123456789012:user/anyone"),
    ] {
      client.credentials = Credentials(accessKeyID: key, secretAccessKey: "whatever", sessionToken: "any")
      #expect(try client.call("sts", "GetCallerIdentity")["Arn"] == Document(arn))
      let direct = client.simulator.perform(
        .init(
          service: "sts", operation: "GetCallerIdentity", region: "us-east-1", parameters: .emptyObject,
          credentials: client.credentials))
      #expect(try direct.get()["Arn"] == Document(arn))
    }
    // A known user keeps its policies.
    client.credentials = Credentials(accessKeyID: "test", secretAccessKey: "x")
    #expect(try client.failure("ec2", "DisableSnapshotBlockPublicAccess").code == "UnauthorizedOperation")
    client.credentials = Credentials(accessKeyID: "ANYTHING", secretAccessKey: "x")
    #expect(try client.call("ec2", "DisableSnapshotBlockPublicAccess")["State"] == "unblocked")
  }

  @Test("The same world without it lets nobody of these in, and the word is kept by a dump")
  func strict() throws {
    var client = try SimulatorClient(
      yaml: Self.world.replacing("strictness: lenient", with: "strictness: aws"), region: "us-east-1")
    for key in ["FOOBARKEY", "210987654321"] {
      client.credentials = Credentials(accessKeyID: key, secretAccessKey: "whatever")
      #expect(try client.failure("sts", "GetCallerIdentity").code == "InvalidClientTokenId")
    }
    let dump = try World(yaml: Self.world).dump(at: SimulatorClient.start)
    #expect(dump["strictness"] == "lenient")
    #expect(try World(yaml: dump.json).dump(at: SimulatorClient.start).json == dump.json)
    let error = #expect(throws: SourceProblems.self) {
      try World(yaml: Self.world.replacing("lenient", with: "lenent"))
    }
    #expect(error?.problems.first?.description.contains("did you mean \"lenient\"?") == true)
    #expect(!Strictness.lenient.concession.isEmpty && Strictness.aws.concession.isEmpty)
  }
}
