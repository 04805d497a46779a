import Governance
import Testing

@testable import AWSWire

struct RoundTripTests {
  /// What a client sends is what the server reads, and what the server answers is what the client reads.
  @Test("generated parameters and outputs of every operation make the round trip", arguments: ServiceModel.names)
  func everyOperation(name: String) throws {
    let service = try #require(ServiceModel.named(name))
    var samples = SampleDocuments(seed: 20_261_123)
    var compared = 0
    for action in service.operationNames {
      let operation = try #require(service.operation(action))
      let parameters = operation.input.flatMap { samples.document($0) } ?? .emptyObject
      let request = try ClientCodec.request(operation, parameters: parameters, scheme: "https", authority: "x")
      let incoming = try ServerCodec.request(request, of: service)
      #expect(incoming.action == action)
      #expect(incoming.parameters == parameters, "\(action) \(parameters.json) → \(incoming.parameters.json)")
      #expect(incoming.unknown == [], "\(action)")

      let output = operation.output.flatMap { samples.document($0) } ?? .emptyObject
      #expect(ServerCodec.problems(of: output, from: operation) == [], "\(action)")
      let response = ServerCodec.response(operation, output, requestID: "r")
      let read = try ClientCodec.response(operation, response)
      #expect(read == output, "\(action) \(output.json) → \(read.json)")
      compared += 1
    }
    #expect(compared == service.operationNames.count)
  }

  private let credentials: Document = [
    "Credentials": [
      "SecretAccessKey": "wJalrXUtnFEMI", "SessionToken": "FwoGZXIvYXdzE", "AccessKeyId": "ASIAEXAMPLE",
      "Expiration": "2026-11-23T10:00:00Z",
    ]
  ]

  @Test("an answer cut off at any byte is malformed, and what is said of it holds no secret")
  func cutOff() throws {
    let images: Document = ["Images": [["ImageId": "ami-1", "Public": true, "Tags": [["Key": "k", "Value": "é"]]]]]
    let accounts: Document = ["Accounts": [["Id": "111122223333", "JoinedTimestamp": "2024-02-03T04:05:06Z"]]]
    let cases = [
      ("ec2", "DescribeImages", images), ("sts", "AssumeRole", credentials),
      ("organizations", "ListAccounts", accounts),
    ]
    for (service, name, output) in cases {
      let operation = try Golden.operation(service, name)
      let whole = ServerCodec.response(operation, output, requestID: "r").body
      for length in whole.indices {
        let response = HTTPResponse(status: 200, body: Array(whole[..<length]))
        #expect(throws: ClientCodec.ResponseError.self, "\(name) of \(length) bytes") {
          try ClientCodec.response(operation, response)
        }
      }
    }
  }

  @Test("a malformed answer with credentials in its first bytes does not put them into the error")
  func secrets() throws {
    let operation = try Golden.operation("sts", "AssumeRole")
    let inner = "<SecretAccessKey>wJalrXUtnFEMI</SecretAccessKey><SessionToken>FwoGZXIvYXdzE</SessionToken>"
    let bodies = [
      "<AssumeRoleResponse><AssumeRoleResult><Credentials>\(inner)", "<Credentials>\(inner)</Credentials>", inner,
      " \n<SecretAccessKey><![CDATA[wJalrXUtnFEMI]]></SecretAccessKey>",
      "\u{FEFF}<x><!-- wJalrXUtnFEMI --></x>", "<a>x</a><SecretAccessKey>wJalrXUtnFEMI",
      "<AssumeRoleResponse><AssumeRoleResult><PackedPolicySize>7<x>wJalrXUtnFEMI</x></PackedPolicySize>",
    ]
    for body in bodies {
      for length in 1...body.utf8.count {
        let response = HTTPResponse(status: 200, body: Array(body.utf8.prefix(length)))
        #expect {
          try ClientCodec.response(operation, response)
        } throws: { error in
          guard case ClientCodec.ResponseError.malformed(200, let reason) = error else { return false }
          return !reason.contains("wJal") && !reason.contains("FwoG")
        }
      }
    }
  }

  @Test("an output that the model does not have is told to the server's tests")
  func outputProblems() throws {
    let operation = try Golden.operation("ec2", "DescribeImages")
    #expect(
      ServerCodec.problems(of: ["Images": [["ImageID": "ami-1", "Public": "true"]]], from: operation) == [
        "unknown member Images.0.ImageID; did you mean \"ImageId\"?",
        "Images.0.Public: expected true or false, found string",
      ])
    #expect(
      ServerCodec.problems(of: ["X": 1], from: try Golden.operation("ec2", "CreateTags")) == [
        "CreateTags answers nothing"
      ])
  }
}
