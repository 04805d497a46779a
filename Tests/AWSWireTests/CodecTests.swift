import Governance
import Testing

@testable import AWSWire

struct CodecTests {
  private func operation(_ service: String, _ name: String) throws -> Operation {
    try #require(ServiceModel.named(service)?.operation(name))
  }

  private func form(_ request: HTTPRequest) -> [String] {
    String(decoding: request.body, as: UTF8.self).split(separator: "&").map(String.init)
  }

  @Test("EC2's request names and lists are on the wire as AWS has them")
  func ec2Form() throws {
    let request = try ClientCodec.request(
      try operation("ec2", "DescribeImages"),
      parameters: [
        "Owners": ["self"], "ExecutableUsers": ["all"], "IncludeDisabled": true, "MaxResults": 1_000,
        "Filters": [["Name": "name", "Values": ["a b", "c&d"]]],
      ], scheme: "https", authority: "ec2.eu-central-1.amazonaws.com")
    #expect(
      form(request) == [
        "Action=DescribeImages", "Version=2016-11-15", "Owner.1=self", "ExecutableBy.1=all", "IncludeDisabled=true",
        "MaxResults=1000", "Filter.1.Name=name", "Filter.1.Value.1=a%20b", "Filter.1.Value.2=c%26d",
      ])
    let modify = try ClientCodec.request(
      try operation("ec2", "ModifyImageAttribute"),
      parameters: ["ImageId": "ami-1", "LaunchPermission": ["Remove": [["Group": "all"]]]], scheme: "https",
      authority: "x")
    #expect(form(modify).contains("LaunchPermission.Remove.1.Group=all"))
    let tags = try ClientCodec.request(
      try operation("ec2", "CreateTags"),
      parameters: ["Resources": ["ami-1"], "Tags": [["Key": "Owner", "Value": "é"]]], scheme: "https", authority: "x")
    #expect(
      Array(form(tags).dropFirst(2)) == ["ResourceId.1=ami-1", "Tag.1.Key=Owner", "Tag.1.Value=%C3%A9"])
  }

  @Test("the query protocol wraps list elements in member")
  func queryForm() throws {
    let request = try ClientCodec.request(
      try operation("sts", "AssumeRole"),
      parameters: [
        "RoleArn": "arn:aws:iam::1:role/r", "RoleSessionName": "reeve", "Tags": [["Key": "k", "Value": "v"]],
      ], scheme: "https", authority: "x")
    #expect(form(request).contains("Tags.member.1.Key=k"))
  }

  @Test("unknown, missing and mistyped parameters are all caught before the call, each with its path")
  func parameters() throws {
    #expect(
      throws: ParameterError(problems: [
        "ec2 DescribeImages: unknown parameter Filters.0.Nmae; did you mean \"Name\"?",
        "ec2 DescribeImages: MaxResults: expected an integer, found string",
        "ec2 DescribeImages: unknown parameter Owner; did you mean \"Owners\"?",
      ])
    ) {
      try ClientCodec.request(
        try operation("ec2", "DescribeImages"),
        parameters: ["Filters": [["Nmae": "x"]], "MaxResults": "5", "Owner": ["self"]], scheme: "https",
        authority: "x")
    }
    #expect(throws: ParameterError(problems: ["ec2 DescribeImageAttribute: ImageId is required"])) {
      try ClientCodec.request(
        try operation("ec2", "DescribeImageAttribute"), parameters: ["Attribute": "launchPermission"],
        scheme: "https", authority: "x")
    }
  }

  /// What a client sends is what the server reads, and what the server answers is what the client reads.
  @Test("requests and responses make the round trip over the same tables")
  func roundTrip() throws {
    let cases: [(service: String, operation: String, parameters: Document, output: Document)] = [
      (
        "ec2", "DescribeImages", ["Owners": ["self"], "Filters": [["Name": "state", "Values": ["available"]]]],
        [
          "Images": [
            [
              "ImageId": "ami-1", "Public": true, "Name": "a <b> & \"c\" é \u{1F600}", "State": "available",
              "BlockDeviceMappings": [
                ["DeviceName": "/dev/xvda", "Ebs": ["SnapshotId": "snap-1", "VolumeSize": 8, "Encrypted": false]]
              ], "Tags": [["Key": "Owner", "Value": " spaced "]], "ProductCodes": [],
            ], ["ImageId": "ami-2"],
          ], "NextToken": "next/+=",
        ]
      ),
      (
        "ec2", "DescribeImageAttribute", ["ImageId": "ami-1", "Attribute": "launchPermission"],
        ["ImageId": "ami-1", "LaunchPermissions": [["UserId": "111122223333"], ["Group": "all"]], "Description": [:]]
      ),
      (
        "sts", "AssumeRole",
        ["RoleArn": "arn:aws:iam::111122223333:role/r", "RoleSessionName": "reeve", "DurationSeconds": 900],
        [
          "Credentials": [
            "AccessKeyId": "ASIA1", "SecretAccessKey": "s/+", "SessionToken": "t==",
            "Expiration": "2026-11-23T10:00:00Z",
          ], "AssumedRoleUser": ["AssumedRoleId": "AROA:reeve", "Arn": "arn:aws:sts::1:assumed-role/r/reeve"],
        ]
      ),
      (
        "organizations", "ListAccounts", ["MaxResults": 20],
        [
          "Accounts": [
            ["Id": "012345678901", "State": "ACTIVE", "JoinedTimestamp": "2024-02-03T04:05:06Z"]
          ], "NextToken": "n",
        ]
      ),
      ("organizations", "DescribeOrganization", [:], ["Organization": ["Id": "o-1"]]),
    ]
    for (service, name, parameters, output) in cases {
      let operation = try operation(service, name)
      let request = try ClientCodec.request(operation, parameters: parameters, scheme: "https", authority: "x")
      let incoming = try ServerCodec.request(request, of: operation.service)
      #expect(incoming.action == name)
      #expect(incoming.parameters == parameters)
      #expect(incoming.unknown == [])
      let response = ServerCodec.response(operation, output, requestID: "request-1")
      #expect(try ClientCodec.response(operation, response) == output)
    }
  }

  @Test("an operation without output answers <return>true</return>")
  func noOutput() throws {
    let operation = try operation("ec2", "ModifyImageAttribute")
    let response = ServerCodec.response(operation, .emptyObject, requestID: "r-1")
    #expect(
      String(decoding: response.body, as: UTF8.self).hasSuffix(
        "<ModifyImageAttributeResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15\">"
          + "<requestId>r-1</requestId><return>true</return></ModifyImageAttributeResponse>"))
    #expect(try ClientCodec.response(operation, response) == .emptyObject)
  }

  @Test("errors of the three protocols are read with status, code, message and request id")
  func errors() throws {
    for (service, name) in [("ec2", "DescribeImages"), ("sts", "AssumeRole"), ("organizations", "ListAccounts")] {
      let operation = try operation(service, name)
      let error = ServiceError(
        status: 503, code: "RequestLimitExceeded", message: "Request limit <exceeded>.", requestID: "r-9",
        retryAfter: .milliseconds(1_500))
      #expect(throws: ClientCodec.ResponseError.service(error)) {
        try ClientCodec.response(operation, ServerCodec.error(error, of: operation.service))
      }
    }
  }

  @Test(
    "a body that is not what the protocol promises is malformed, never an empty answer",
    arguments: [
      "", "<html><body>proxy</body></html>", "<DescribeImagesResponse><imagesSet><item>", "not xml",
      "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><DescribeImagesResponse>&e;</DescribeImagesResponse>",
      "<DescribeImagesResponse><imagesSet><item><isPublic>maybe</isPublic></item></imagesSet></DescribeImagesResponse>",
      "<DescribeImagesResponse><imagesSet><item><imageId><b/></imageId></item></imagesSet></DescribeImagesResponse>",
      "<DescribeImagesResponse/><again/>", "<DescribeRegionsResponse/>", "\u{FF}\u{FE}",
    ])
  func malformed(body: String) throws {
    let operation = try operation("ec2", "DescribeImages")
    #expect { try ClientCodec.response(operation, HTTPResponse(status: 200, body: Array(body.utf8))) } throws: {
      error in
      if case ClientCodec.ResponseError.malformed(200, let reason) = error { return !reason.isEmpty }
      return false
    }
    #expect { try ClientCodec.response(operation, HTTPResponse(status: 503, body: Array(body.utf8))) } throws: {
      error in
      if case ClientCodec.ResponseError.malformed(503, _) = error { return true }
      return false
    }
  }

  @Test("malformed bytes and JSON that is no object are malformed too")
  func malformedBytes() throws {
    let images = try operation("ec2", "DescribeImages")
    let invalid =
      Array("<DescribeImagesResponse><nextToken>".utf8) + [0xFF, 0xC0]
      + Array("</nextToken></DescribeImagesResponse>".utf8)
    #expect(throws: ClientCodec.ResponseError.self) {
      try ClientCodec.response(images, HTTPResponse(status: 200, body: invalid))
    }
    let accounts = try operation("organizations", "ListAccounts")
    for body in ["", "[]", "{\"Accounts\":", "{\"Accounts\":{}}", "{\"Accounts\":[{\"JoinedTimestamp\":true}]}"] {
      #expect(throws: ClientCodec.ResponseError.self) {
        try ClientCodec.response(accounts, HTTPResponse(status: 200, body: Array(body.utf8)))
      }
    }
  }

  @Test("elements that the shape does not name are passed over, an empty list is there")
  func unknownElements() throws {
    let body = """
      <DescribeImagesResponse xmlns="x"><requestId>r</requestId><brandNew><deep>1</deep></brandNew><imagesSet><item>\
      <imageId>ami-1</imageId><futureFlag>true</futureFlag><tagSet/></item></imagesSet></DescribeImagesResponse>
      """
    let document = try ClientCodec.response(
      try operation("ec2", "DescribeImages"), HTTPResponse(status: 200, body: Array(body.utf8)))
    #expect(document == ["Images": [["ImageId": "ami-1", "Tags": []]]])
  }

  @Test("the server lists fields it does not know, takes the first of several, reads signs and leading zeros")
  func serverForms() throws {
    let sts = try #require(ServiceModel.named("sts"))
    let body =
      "Action=AssumeRole&Version=2011-06-15&RoleArn=a&RoleArn=b&RoleSessionName=s&DurationSeconds=%2B0900&Extra.1=x"
    let incoming = try ServerCodec.request(
      HTTPRequest(scheme: "https", authority: "x", body: Array(body.utf8)), of: sts)
    #expect(incoming.parameters == ["RoleArn": "a", "RoleSessionName": "s", "DurationSeconds": 900])
    #expect(incoming.unknown == ["Extra.1"])
    let malformed = HTTPRequest(
      scheme: "https", authority: "x", body: Array("Action=AssumeRole&DurationSeconds=9e2".utf8))
    #expect(throws: ServiceError(status: 400, code: "MalformedInput", message: "")) {
      try ServerCodec.request(malformed, of: sts)
    }
    let get = HTTPRequest(method: "GET", scheme: "https", authority: "x", query: "Action=GetCallerIdentity&Version=1")
    #expect(try ServerCodec.request(get, of: sts).action == "GetCallerIdentity")
    #expect(throws: ServiceError.self) {
      try ServerCodec.request(HTTPRequest(scheme: "https", authority: "x", body: Array("%zz".utf8)), of: sts)
    }
  }

  @Test("sparse and unsorted list numbers keep their order")
  func sparse() throws {
    let ec2 = try #require(ServiceModel.named("ec2"))
    let body = "Action=DescribeImages&ImageId.10=c&ImageId.2=b&ImageId.1=a&Filter.1.Value.2=y&Filter.1.Value.1=x"
    let incoming = try ServerCodec.request(
      HTTPRequest(scheme: "https", authority: "x", body: Array(body.utf8)), of: ec2)
    #expect(incoming.parameters == ["ImageIds": ["a", "b", "c"], "Filters": [["Values": ["x", "y"]]]])
  }

  @Test("ten thousand images in one answer are read whole")
  func large() throws {
    let operation = try operation("ec2", "DescribeImages")
    let images = Document(
      (0..<10_000).map { number in
        ["ImageId": Document("ami-\(number)"), "Public": false, "Tags": [["Key": "Owner", "Value": "team"]]]
      })
    let response = ServerCodec.response(operation, ["Images": images], requestID: "r")
    let read = try ClientCodec.response(operation, response)
    #expect(read["Images"]?.count == 10_000)
    #expect(read.at(path: "Images.9999.ImageId")?.string == "ami-9999")
  }
}
