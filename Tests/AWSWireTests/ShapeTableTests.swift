import Testing

@testable import AWSWire

struct ShapeTableTests {
  @Test("every line of every embedded table can be read", arguments: ServiceModel.names)
  func embedded(name: String) throws {
    let table = try #require(ShapeTable.all[name])
    try table.verify()
    #expect(table.header["botocore"] == "1.43.11")
    let service = try #require(ServiceModel.named(name))
    #expect(!service.apiVersion.isEmpty && !service.signingName.isEmpty && !service.endpointPrefix.isEmpty)
    for operation in service.operationNames { #expect(service.operation(operation)?.name == operation) }
  }

  @Test("shapes recurse without end, and each is one object")
  func recursion() throws {
    let output = try #require(try Golden.operation("organizations", "DescribeHandshake").output)
    let resource = try #require(output.member(named: "Handshake")?.shape.member(named: "Resources")?.shape.element)
    #expect(resource.member(named: "Resources")?.shape.element === resource)
  }

  @Test("what a service does not have is not found, whatever a name holds")
  func absent() throws {
    let ec2 = try #require(ServiceModel.named("ec2"))
    #expect(ec2.operationNames.count > 700)
    let line = try #require(ShapeTable.all["ec2"]?.fields(ofLine: 1).joined(separator: "\t"))
    let names = [
      "", "A", "DescribeFlowers", "DescribeImage", "DescribeImagess", "describeimages", "zzz", "\t", "\n", line,
      String(line.prefix(line.utf8.count - 2)), "\(ec2.operationNames[0])\n\(ec2.operationNames[1])",
    ]
    for name in names { #expect(ec2.operation(name) == nil) }
    #expect(ServiceModel.named("s3") == nil)
  }

  @Test("what the simulator needs is there: bounds, known values, required members, pages")
  func details() throws {
    let images = try Golden.operation("ec2", "DescribeImages")
    #expect(images.pagination?.inputToken == "NextToken")
    #expect(images.pagination?.resultKeys == ["Images"])
    let role = try #require(try Golden.operation("sts", "AssumeRole").input)
    #expect(role.member(named: "RoleArn")?.isRequired == true)
    #expect(role.member(named: "DurationSeconds")?.shape.minimum == 900)
    #expect(role.member(named: "DurationSeconds")?.shape.maximum == 43_200)
    #expect(role.member(named: "Tags")?.shape.maximum == 50)
    let attribute = try #require(try Golden.operation("ec2", "DescribeImageAttribute").input)
    #expect(attribute.member(named: "Attribute")?.shape.values.contains("launchPermission") == true)
  }

  /// The table is read inside the closure only, while the bytes stay where they are.
  private func verify(_ text: String) throws(ShapeTableError) {
    let bytes = Array(text.utf8)
    let result: Result<Void, ShapeTableError> = unsafe bytes.withUnsafeBufferPointer { buffer in
      do throws(ShapeTableError) {
        return .success(try unsafe ShapeTable(buffer).verify())
      } catch {
        return .failure(error)
      }
    }
    try result.get()
  }

  private static let header = "reeve-shapes 1\toperations=2"

  @Test("a whole table passes")
  func whole() throws {
    try verify("\(Self.header)\nA\t3\t-\t-\nB\t-\t3\tNext|Next||Items\nS\tName:4:r::\nL\t3\titem\t0\t5\n")
  }

  @Test(
    "a damaged table names its line",
    arguments: [
      ("", 0), ("reeve-shapes 1\toperations=2", 0), ("reeve-shapes 2\toperations=1\nA\t-\t-\t-\n", 0),
      ("reeve-shapes 1\n", 0), ("reeve-shapes 1\toperations=9\nA\t-\t-\t-\n", 0), ("reeve-shapes 1\tx\nA\n", 0),
      ("\(header)\nA\t-\t-\t-\nB\t-\t-", 2), ("\(header)\nA\t-\t-\nB\t-\t-\t-\n", 1),
      ("\(header)\nB\t-\t-\t-\nA\t-\t-\t-\n", 2), ("\(header)\nA\t-\t-\t-\nA\t-\t-\t-\n", 2),
      ("\(header)\nA\t1\t-\t-\nB\t-\t-\t-\ns\n", 1), ("\(header)\nA\t-\t99\t-\nB\t-\t-\t-\ns\n", 1),
      ("\(header)\nA\t-\t-\tx|y\nB\t-\t-\t-\ns\n", 1), ("\(header)\nA\t-\t-\t-\nB\t-\t-\t-\nq\n", 3),
      ("\(header)\nA\t-\t-\t-\nB\t-\t-\t-\nS\tName:3\n", 3), ("\(header)\nA\t-\t-\t-\nB\t-\t-\t-\nS\tName:7:::\n", 3),
      ("\(header)\nA\t-\t-\t-\nB\t-\t-\t-\nL\t3\n", 3), ("\(header)\nA\t-\t-\t-\nB\t-\t-\t-\ni\tfew\n", 3),
    ])
  func damaged(text: String, line: Int) {
    #expect { try verify(text) } throws: { error in
      (error as? ShapeTableError)?.line == line && "\(error)".contains("make models")
    }
  }

  @Test("shapes that many tasks ask for at once are made once")
  func concurrent() async throws {
    let operations = try #require(ServiceModel.named("ec2")?.operationNames.prefix(60))
    let found = await withTaskGroup(of: [ObjectIdentifier].self) { group in
      for _ in 0..<8 {
        group.addTask {
          operations.compactMap { ServiceModel.named("ec2")?.operation($0)?.input?.members.first?.shape }
            .map { ObjectIdentifier($0) }
        }
      }
      var all: [[ObjectIdentifier]] = []
      for await identifiers in group { all.append(identifiers) }
      return all
    }
    #expect(found.count == 8)
    #expect(found.allSatisfy { $0 == found[0] && !$0.isEmpty })
  }
}
