import AWSWire
import Governance
import Testing

@testable import EC2Simulator

@Suite struct ErrorTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var operation: String
    var parameters: Document
    var code: String
    var message: String
    var status = 400
    var testDescription: String { "\(operation) \(parameters.json)" }
  }

  static let one: Document = "ami-00000000000000a01"

  @Test(
    "EC2 refuses with AWS's codes and texts",
    arguments: [
      Case(
        operation: "DescribeImages", parameters: ["MaxResults": 1], code: "InvalidParameterValue",
        message: "Invalid value '1' for maxResults. Expecting a value greater than 5."),
      Case(
        operation: "DescribeImages", parameters: ["MaxResults": 10, "ImageIds": [one]],
        code: "InvalidParameterCombination",
        message: "The parameter imageIdsSet cannot be used with the parameter maxResults"),
      Case(
        operation: "DescribeImages", parameters: ["ImageIds": ["ami-00000000000000000"]],
        code: "InvalidAMIID.Malformed", message: "Invalid id: \"ami-00000000000000000\""),
      Case(
        operation: "DescribeImages", parameters: ["ImageIds": ["ami-11111111111111111"]],
        code: "InvalidAMIID.Malformed", message: "Invalid id: \"ami-11111111111111111\""),
      Case(
        operation: "DescribeImages", parameters: ["ImageIds": ["image-1"]], code: "InvalidAMIID.Malformed",
        message: "Invalid id: \"image-1\" (expecting \"ami-...\")"),
      Case(
        operation: "DescribeImages", parameters: ["ImageIds": ["ami-0ffffffffffffffff"]], code: "InvalidAMIID.NotFound",
        message: "The image id '[ami-0ffffffffffffffff]' does not exist"),
      Case(
        operation: "DescribeImages", parameters: ["ImageIds": ["ami-0ffffffffffffffff", "ami-0fffffffffffffff1"]],
        code: "InvalidAMIID.NotFound",
        message: "The image ids '[ami-0ffffffffffffffff, ami-0fffffffffffffff1]' do not exist"),
      Case(
        operation: "DescribeImages", parameters: ["Filters": [["Name": "colour", "Values": ["red"]]]],
        code: "InvalidParameterValue", message: "The filter 'colour' is invalid"),
      Case(
        operation: "DescribeImages", parameters: ["DryRun": true], code: "DryRunOperation",
        message: "Request would have succeeded, but DryRun flag is set.", status: 412),
      Case(
        operation: "DescribeImageAttribute", parameters: ["ImageId": one, "Attribute": "blockDeviceMapping"],
        code: "AuthFailure", message: "Unauthorized attempt to access restricted resource"),
      Case(
        operation: "DescribeImageAttribute", parameters: ["ImageId": one, "Attribute": "TpmSupport"],
        code: "InvalidRequest", message: "The request received was invalid."),
      Case(
        operation: "ModifyImageAttribute", parameters: ["ImageId": one], code: "InvalidParameterCombination",
        message: "No attributes specified."),
      Case(
        operation: "ModifyImageAttribute", parameters: ["ImageId": one, "LaunchPermission": [:]],
        code: "InvalidParameterCombination", message: "No attributes specified."),
      Case(
        operation: "ModifyImageAttribute",
        parameters: ["ImageId": one, "Description": ["Value": "x"], "ImdsSupport": ["Value": "v2.0"]],
        code: "InvalidParameterCombination",
        message: "Fields for multiple attribute types specified: description, imdsSupport"),
      Case(
        operation: "ModifyImageAttribute", parameters: ["ImageId": one, "Description": ["Value": ""]],
        code: "MissingParameter", message: "The request must contain the parameter description"),
      Case(
        operation: "ModifyImageAttribute", parameters: ["ImageId": one, "ImdsSupport": ["Value": ""]],
        code: "MissingParameter", message: "The request must contain the parameter imdsSupport with value v2.0"),
      Case(
        operation: "ModifyImageAttribute",
        parameters: ["ImageId": one, "LaunchPermission": ["Add": [["UserId": "123"]]]],
        code: "InvalidAMIAttributeItemValue", message: "Invalid attribute item value \"123 \" for userId item type."),
      Case(
        operation: "ModifyImageAttribute",
        parameters: ["ImageId": "ami-0ffffffffffffffff", "LaunchPermission": ["Add": [["UserId": "222222222222"]]]],
        code: "InvalidAMIID.NotFound", message: "The image id '[ami-0ffffffffffffffff]' does not exist"),
      Case(
        operation: "ModifyImageAttribute",
        parameters: ["ImageId": "ami-00000000000000a07", "LaunchPermission": ["Add": [["UserId": "222222222222"]]]],
        code: "OperationNotPermitted",
        message: "The image ami-00000000000000a07 is disabled. A disabled image cannot be shared."),
      Case(
        operation: "ResetImageAttribute", parameters: ["ImageId": one, "Attribute": "description"],
        code: "InvalidRequest", message: "The request received was invalid."),
      Case(
        operation: "RegisterImage", parameters: ["Name": "private"], code: "InvalidAMIName.Duplicate",
        message: "AMI name private is already in use by AMI ami-00000000000000a01"),
      Case(
        operation: "RegisterImage", parameters: ["Name": "a!"], code: "InvalidAMIName.Malformed",
        message:
          "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-', '/' and '_'"
      ),
      Case(
        operation: "RegisterImage", parameters: ["Name": "new"], code: "InvalidBlockDeviceMapping",
        message: "No root snapshot specified in device mapping."),
      Case(
        operation: "RegisterImage",
        parameters: [
          "Name": "new",
          "BlockDeviceMappings": [["DeviceName": "/dev/sda1", "Ebs": ["SnapshotId": "snap-0ffffffffffffffff"]]],
        ], code: "InvalidSnapshotID.NotFound", message: "The snapshot ID 'snap-0ffffffffffffffff' does not exist"),
      Case(
        operation: "DeleteSnapshot", parameters: ["SnapshotId": "snap-0ffffffffffffffff"],
        code: "InvalidSnapshot.NotFound", message: "The snapshot 'snap-0ffffffffffffffff' does not exist."),
      Case(
        operation: "CreateTags", parameters: ["Resources": [one], "Tags": [["Key": "aws:x", "Value": "y"]]],
        code: "InvalidParameterValue", message: "Tag keys starting with 'aws:' are reserved for internal use"),
      Case(
        operation: "CreateTags", parameters: ["Resources": ["thing-1"], "Tags": [["Key": "x", "Value": "y"]]],
        code: "InvalidID", message: "The ID 'thing-1' is not valid"),
      Case(
        operation: "DescribeFleets", parameters: [:], code: "InvalidAction",
        message: "The action DescribeFleets is not valid for this web service."),
    ])
  func texts(_ example: Case) throws {
    let owner = try SimulatorClient(yaml: neighbourhood).member("222222222222")
    let error = try owner.failure("ec2", example.operation, example.parameters)
    #expect(error.code == example.code)
    #expect(error.message == example.message)
    #expect(error.status == example.status)
    #expect(!error.requestID.isEmpty)
  }

  @Test("A refused call changes nothing")
  func nothingChanged() throws {
    let owner = try SimulatorClient(yaml: neighbourhood).member("222222222222")
    let before = owner.simulator.worldDump().json
    for parameters in [["ImageId": Self.one, "LaunchPermission": ["Add": [["UserId": "1"]]]] as Document] {
      _ = try owner.failure("ec2", "ModifyImageAttribute", parameters)
    }
    _ = try owner.failure(
      "ec2", "CreateTags",
      ["Resources": [Self.one, "ami-0ffffffffffffffff"], "Tags": [["Key": "Owner", "Value": "b"]]])
    #expect(owner.simulator.worldDump().json == before)
  }

  @Test("An unknown parameter is refused by EC2, and ignored and counted by STS")
  func unknownParameters() throws {
    let client = try SimulatorClient(yaml: neighbourhood)
    func send(_ service: String, _ body: String) throws -> HTTPResponse {
      var request = HTTPRequest(
        scheme: "https", authority: "\(service).eu-west-1.amazonaws.com",
        headers: HTTPHeaders([("Content-Type", "application/x-www-form-urlencoded")]), body: Array(body.utf8))
      SignatureV4.sign(
        &request, credentials: client.credentials, region: client.region, service: service, date: client.simulator.now)
      return client.simulator.respond(to: request)
    }
    let refused = try send("ec2", "Action=DescribeRegions&Version=2016-11-15&Colour=red")
    #expect(refused.status == 400)
    let text = String(decoding: refused.body, as: UTF8.self)
    #expect(text.contains("<Code>UnknownParameter</Code><Message>The parameter Colour is not recognized</Message>"))
    #expect(try send("sts", "Action=GetCallerIdentity&Version=2011-06-15&Colour=red").status == 200)
    #expect(client.simulator.calls.unsupported["sts:GetCallerIdentity:Colour"] == 1)
    let unknown = String(decoding: try send("sts", "Action=Nonsense&Version=2011-06-15").body, as: UTF8.self)
    #expect(unknown.contains("Could not find operation Nonsense for version 2011-06-15"))
  }

  @Test("A denied call names who, what and why; its code and status are EC2's")
  func denied() throws {
    let client = try SimulatorClient(yaml: neighbourhood)
    let policy = #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:Describe*","Resource":"*"}]}"#
    let reader = try client.assuming(
      "arn:aws:iam::222222222222:role/OrganizationAccountAccessRole", [("Policy", Document(policy))])
    #expect(try reader.ids(["Owners": ["self"]]).count == 7)
    let error = try reader.failure(
      "ec2", "ModifyImageAttribute", ["ImageId": Self.one, "LaunchPermission": ["Remove": [["Group": "all"]]]])
    #expect(error.status == 403)
    #expect(error.code == "UnauthorizedOperation")
    #expect(
      error.message.hasPrefix(
        "You are not authorized to perform this operation. User: "
          + "arn:aws:sts::222222222222:assumed-role/OrganizationAccountAccessRole/test is not authorized to perform: "
          + "ec2:ModifyImageAttribute on resource: arn:aws:ec2:eu-west-1::image/ami-00000000000000a01 because no session "
          + "policy allows the ec2:ModifyImageAttribute action. Encoded authorization failure message: "))
  }
}
