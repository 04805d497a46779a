import Governance
import Testing

@testable import AWSWire

struct FormTests {
  private func read(_ service: String, _ form: String, query: String = "", method: String = "POST") throws
    -> ServerCodec.Incoming
  {
    try ServerCodec.request(
      HTTPRequest(method: method, scheme: "http", authority: "x", query: query, body: Array(form.utf8)),
      of: try #require(ServiceModel.named(service)))
  }

  /// A field that is dropped silently would widen a filter: DescribeImages without ImageId is all images.
  @Test(
    "a field that leads nowhere is listed as unknown and leaves no trace",
    arguments: [
      "ImageId", "ImageId.0", "ImageId.-1", "ImageId.+1", "ImageId.x", "ImageId.", "ImageId..1", "ImageId.1.Name",
      "ImageId.99999999999999999999", "imageid.1", "Filter", "Filter.1", "Filter.Name", "MaxResults.1", "DryRun.x",
      String(repeating: "Filter.1.", count: 40), "",
    ])
  func nowhere(name: String) throws {
    let incoming = try read("ec2", "Action=DescribeImages&\(PercentEncoding.encode(name))=x")
    #expect(incoming.parameters == [:])
    #expect(incoming.unknown == [name])
  }

  @Test(
    "what is read without the tree is what the tree gives",
    arguments: [
      ("ec2", "DescribeImages", "Owner.2=b&ImageId.10=x&ImageId.9=y&MaxResults=5&Owner.1=a&IncludeDisabled=true"),
      ("ec2", "DescribeImages", "ImageId.1=&DryRun=0"), ("ec2", "DescribeRegions", ""),
      ("sts", "AssumeRole", "RoleArn=a%3Ab&DurationSeconds=%2B900&TransitiveTagKeys.member.1=k&RoleSessionName=n"),
      ("sts", "GetCallerIdentity", ""), ("iam", "ListRoles", "PathPrefix=%2F&MaxItems=3"),
    ])
  func simple(service: String, action: String, form: String) throws {
    let operation = try #require(ServiceModel.named(service)?.operation(action))
    let fields = try #require(PercentEncoding.fields(Array(form.utf8)))
    var reader = FormReader(fields: fields, service: operation.service)
    let simple = try #require(try FormReader.simple(fields, of: operation))
    #expect(simple == (try reader.read(operation)))
    #expect(reader.unknown == [])
  }

  @Test("of one number written twice the shorter form wins, in any order")
  func sameNumber() throws {
    for form in ["ImageId.1=a&ImageId.01=b&ImageId.2=c", "ImageId.2=c&ImageId.01=b&ImageId.1=a"] {
      let incoming = try read("ec2", "Action=DescribeImages&\(form)")
      #expect(incoming.parameters == ["ImageIds": ["a", "c"]])
      #expect(incoming.unknown == ["ImageId.01"])
    }
  }

  @Test("the query protocol's lists: empty, numbered, and not numbered")
  func queryLists() throws {
    #expect(try read("sts", "Action=AssumeRole&Tags=").parameters == ["Tags": []])
    let tags = try read("sts", "Action=AssumeRole&Tags.member.2.Key=b&Tags.member.1.Key=a&Tags.member.1.Value=")
    #expect(tags.parameters == ["Tags": [["Key": "a", "Value": ""], ["Key": "b"]]])
    let plain = try read("sts", "Action=AssumeRole&Tags.1.Key=a&TransitiveTagKeys=x")
    #expect(plain.parameters == [:])
    #expect(plain.unknown == ["Tags.1.Key", "TransitiveTagKeys"])
  }

  @Test("fields of a query and of a body are both read, a signature's are not")
  func queryAndBody() throws {
    let get = try read(
      "ec2", "Action=Ignored", query: "Action=DescribeImages&Owner.1=a+b&X-Amz-Signature=1&X-Amz-Date=2", method: "GET")
    #expect(get.action == "DescribeImages")
    #expect(get.parameters == ["Owners": ["a b"]])
    #expect(get.unknown == [])
    let post = try read("ec2", "Action=DescribeImages&Owner.1=self", query: "ImageId.1=ami-1&Nothing=1")
    #expect(post.parameters == ["Owners": ["self"], "ImageIds": ["ami-1"]])
    #expect(post.unknown == ["Nothing"])
  }

  @Test(
    "a value of another type is AWS's error, with the field's whole name",
    arguments: [
      ("MaxResults=many", "Invalid value 'many' for MaxResults."),
      ("MaxResults=99999999999", "Invalid value '99999999999' for MaxResults."),
      ("MaxResults=", "Invalid value '' for MaxResults."), ("DryRun=yes", "Invalid value 'yes' for DryRun."),
    ])
  func mistyped(form: String, message: String) {
    #expect(throws: ServiceError(status: 400, code: "InvalidParameterValue", message: message)) {
      try read("ec2", "Action=DescribeImages&\(form)")
    }
    #expect(
      throws: ServiceError(
        status: 400, code: "InvalidParameterValue",
        message: "Invalid value 'x' for BlockDeviceMapping.2.Ebs.VolumeSize.")
    ) { try read("ec2", "Action=RegisterImage&BlockDeviceMapping.2.Ebs.VolumeSize=x") }
  }

  @Test("an action that the service does not have comes back without parameters")
  func unknownAction() throws {
    let incoming = try read("ec2", "Action=DescribeFlowers&Version=1&Colour=red")
    #expect(incoming.action == "DescribeFlowers")
    #expect(incoming.version == "1")
    #expect(incoming.parameters == [:])
    #expect(throws: ServiceError.self) { try read("ec2", "Version=1") }
  }

  @Test("required texts may be empty only where the model says so; times must be times")
  func check() throws {
    func problems(_ service: String, _ name: String, _ parameters: Document) throws -> [String] {
      let operation = try Golden.operation(service, name)
      do {
        _ = try ClientCodec.request(operation, parameters: parameters, scheme: "https", authority: "x")
        return []
      } catch {
        return error.problems.map { String($0.dropFirst("\(service) \(name): ".count)) }
      }
    }
    #expect(
      try problems("organizations", "TagResource", ["ResourceId": "1", "Tags": [["Key": "k", "Value": ""]]]) == [])
    #expect(
      try problems("ec2", "DescribeImageAttribute", ["Attribute": "x", "ImageId": ""]) == ["ImageId is required"])
    #expect(
      try problems("ec2", "EnableImageDeprecation", ["ImageId": "ami-1", "DeprecateAt": "tomorrow"]) == [
        "DeprecateAt: expected a time such as 2026-11-23T10:00:00Z, found string"
      ])
    #expect(
      try problems("ec2", "DescribeImages", ["ImageIds": ["a", 1, nil as Document? ?? .null], "Filters": [:]]) == [
        "ImageIds.1: expected text, found integer", "ImageIds.2: expected text, found null",
        "Filters: expected a list, found object",
      ])
    #expect(try problems("ec2", "DescribeImages", ["a"]) == ["the parameters: expected an object, found array"])
    #expect(
      try problems("organizations", "DescribeOrganization", ["X": 1]) == ["DescribeOrganization takes no parameters"])
  }
}
