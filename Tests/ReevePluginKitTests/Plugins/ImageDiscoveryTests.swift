import CReevePlugin
import ImageDiscoveryLogic
import ReevePluginKit
import Testing

struct ImageDiscoveryTests {
  /// A small scripted account: three images in two pages, two snapshots.
  static func image(_ id: String, snapshot: String, isPublic: Bool = false) -> Document {
    [
      "ImageId": .string(id), "Public": .boolean(isPublic), "Tags": [["Key": "Owner", "Value": "team"]],
      "BlockDeviceMappings": [
        ["DeviceName": "/dev/xvda", "Ebs": ["SnapshotId": .string(snapshot)]],
        ["DeviceName": "/dev/sdb", "VirtualName": "ephemeral0"],
      ],
    ]
  }

  static func scope(_ wanted: [String: Set<String>], partition: String = "aws") -> Scope {
    Scope(account: Sample.account, region: Sample.region, partition: partition, wanted: wanted)
  }

  /// Answers like AWS; `override` goes first.
  static func answer(
    _ request: HarnessRequest, _ override: (HarnessRequest) -> [HarnessAnswer]? = { _ in nil }
  ) -> [HarnessAnswer] {
    if let answers = override(request) { return answers }
    switch request.operation {
    case "DescribeImages":
      return [
        .page(
          ["Images": [image("ami-1", snapshot: "snap-1", isPublic: true), image("ami-2", snapshot: "snap-2")]],
          isLast: false),
        .page(["Images": [image("ami-3", snapshot: "snap-1")]]),
      ]
    case "DescribeImageAttribute":
      return [.page(["ImageId": request.parameters["ImageId"] ?? nil, "LaunchPermissions": [["UserId": "2"]]])]
    case "DescribeSnapshots":
      let ids = request.parameters["SnapshotIds"]?.elements ?? []
      return [
        .page([
          "Snapshots": .array(ids.map { ["SnapshotId": $0, "VolumeSize": 8, "Tags": [["Key": "a", "Value": "b"]]] })
        ])
      ]
    case "DescribeSnapshotAttribute": return [.page(["CreateVolumePermissions": [["Group": "all"]]])]
    default: return [.failure(AWSError(kind: .rejected, code: "InvalidAction", message: request.operation))]
    }
  }

  private func discover(
    _ wanted: [String: Set<String>], partition: String = "aws",
    _ override: @escaping (HarnessRequest) -> [HarnessAnswer]? = { _ in nil }
  ) throws -> (resources: [DiscoveredResource], requests: [HarnessRequest]) {
    var requests: [HarnessRequest] = []
    let harness = try PluginHarness(discovery: ImageDiscovery.self, now: Sample.now)
    let resources = try harness.discover(Self.scope(wanted, partition: partition)) { request in
      requests.append(request)
      return Self.answer(request, override)
    }
    return (resources, requests)
  }

  @Test("For public images alone there is one page sequence of DescribeImages and no other call")
  func publicOnly() throws {
    let (resources, requests) = try discover(["ec2:image": ["Public"]])
    #expect(requests.count == 1)
    #expect(requests[0].service == "ec2" && requests[0].operation == "DescribeImages" && requests[0].followsPages)
    #expect(
      requests[0].parameters
        == ["Owners": ["self"], "IncludeDeprecated": true, "IncludeDisabled": true, "MaxResults": 1000])
    #expect(resources.map(\.id) == ["ami-1", "ami-2", "ami-3"])
    #expect(resources[0].arn == "arn:aws:ec2:eu-central-1::image/ami-1")
    #expect(resources[0].attributes["Public"]?.boolean == true)
    #expect(resources[0].attributes["Tags"] == nil)
    #expect(resources[0].tags == [.init("Owner", "team")])
    #expect(resources[0].account == Sample.account && resources[0].region == Sample.region)
  }

  @Test("The partition is in the ARNs")
  func partition() throws {
    let (resources, _) = try discover(["ec2:image": ["Public"], "ec2:snapshot": ["State"]], partition: "aws-cn")
    #expect(resources.first?.arn == "arn:aws-cn:ec2:eu-central-1::image/ami-1")
    #expect(resources.last?.arn == "arn:aws-cn:ec2:eu-central-1::snapshot/snap-2")
  }

  @Test("Launch permissions are read per image when a check wants them, and say how old they are")
  func launchPermissions() throws {
    let old = Sample.now.advanced(days: -1)
    let (resources, requests) = try discover(["ec2:image": ["LaunchPermissions", "Public"]]) { request in
      request.parameters["ImageId"] == "ami-2"
        ? [.page(["LaunchPermissions": [["Group": "all"]]], readAt: old)]
        : request.parameters["ImageId"] == "ami-3" ? [.page(["ImageId": "ami-3"])] : nil
    }
    #expect(requests.dropFirst().allSatisfy { $0.operation == "DescribeImageAttribute" && $0.isReusable })
    #expect(
      requests.dropFirst().compactMap { $0.parameters["ImageId"]?.string }.sorted() == ["ami-1", "ami-2", "ami-3"])
    #expect(requests[1].parameters["Attribute"] == "launchPermission")
    #expect(resources.map { $0.attributes["LaunchPermissions"] } == [[["UserId": "2"]], [["Group": "all"]], nil])
    #expect(resources.prefix(2).map(\.notes) == [[:], ["LaunchPermissions": .readAt(old)]])
    // An answer without the list is no empty list.
    guard case .unread(let kind, let code, _)? = resources[2].notes["LaunchPermissions"] else {
      Issue.record("the permissions of ami-3 were not answered, and that is not said")
      return
    }
    #expect(kind == .badData && code == "IncompleteAnswer")
  }

  @Test("A permission that cannot be read is a gap of one attribute of one image")
  func deniedPermission() throws {
    let (resources, _) = try discover(["ec2:image": ["LaunchPermissions"]]) { request in
      request.parameters["ImageId"] == "ami-1" ? [.failure(Sample.denied)] : nil
    }
    #expect(resources.count == 3)
    #expect(resources[0].attributes["Public"]?.boolean == true)
    #expect(resources[0].attributes["LaunchPermissions"] == nil)
    guard case .unread(.denied, "UnauthorizedOperation", let message) = resources[0].notes["LaunchPermissions"] else {
      Issue.record("ami-1 has no unread note: \(resources[0].notes)")
      return
    }
    #expect(message.contains("ec2:DescribeImageAttribute"))
    #expect(resources[1].notes.isEmpty && resources[2].notes.isEmpty)
  }

  @Test("No more than sixteen permission reads are outstanding at a time")
  func window() throws {
    let harness = try PluginHarness(discovery: ImageDiscovery.self, now: Sample.now)
    let run = try harness.run()
    defer { run.end() }
    var step = try run.begin(Self.scope(["ec2:image": ["LaunchPermissions"]]))
    let images = (0..<100).map { Self.image("ami-\($0)", snapshot: "snap-\($0)") }
    step = try run.resume([(step.requests[0].id, .page(["Images": .array(images)]))])
    var open = step.requests
    var emitted = 0
    while !step.isDone {
      #expect(open.count <= 16)
      let next = open.removeFirst()
      step = try run.resume([(next.id, .page(["LaunchPermissions": []]))])
      open += step.requests
      emitted += step.resources.count
    }
    #expect(emitted == 100)
  }

  @Test("A failed DescribeImages fails the scope: no list is not an empty list")
  func deniedImages() throws {
    let failure = #expect(throws: HarnessFailure.self) {
      try discover(["ec2:image": ["Public"]]) { _ in [.failure(Sample.denied)] }
    }
    #expect(failure?.status == REEVE_ERROR_DENIED)
    let late = #expect(throws: HarnessFailure.self) {
      try discover(["ec2:image": ["Public"]]) { _ in
        [
          .page(["Images": [Self.image("ami-1", snapshot: "snap-1")]], isLast: false),
          .failure(AWSError(kind: .throttled, code: "RequestLimitExceeded", message: "Request limit exceeded.")),
        ]
      }
    }
    #expect(late?.status == REEVE_ERROR_THROTTLED)
  }

  @Test("Backing snapshots come with the images they lie behind")
  func snapshots() throws {
    let (resources, requests) = try discover(["ec2:snapshot": ["BackingImages", "CreateVolumePermissions"]])
    #expect(requests.map(\.operation).filter { $0 == "DescribeSnapshots" }.count == 1)
    #expect(requests.filter { $0.operation == "DescribeSnapshotAttribute" }.allSatisfy { $0.isReusable })
    let snapshots = resources.filter { $0.type == "ec2:snapshot" }
    #expect(snapshots.map(\.id) == ["snap-1", "snap-2"])
    #expect(snapshots[0].attributes["BackingImages"] == ["ami-1", "ami-3"])
    #expect(snapshots[0].attributes["CreateVolumePermissions"] == [["Group": "all"]])
    #expect(snapshots[0].attributes["VolumeSize"] == 8)
    #expect(snapshots[0].tags == [.init("a", "b")])
  }

  @Test("Create-volume permissions are read only when wanted")
  func snapshotsWithoutPermissions() throws {
    let (resources, requests) = try discover(["ec2:snapshot": ["Encrypted"]])
    #expect(requests.map(\.operation) == ["DescribeImages", "DescribeSnapshots"])
    #expect(resources.filter { $0.type == "ec2:snapshot" }.count == 2)
  }

  @Test(
    "A vanished snapshot does not hide the others",
    arguments: ["InvalidSnapshot.NotFound", "InvalidSnapshotID.NotFound"])
  func vanished(_ code: String) throws {
    let images = (0..<450).map { Self.image("ami-\($0)", snapshot: "snap-\(1000 + $0)") }
    let gone: Set<String> = ["snap-1003", "snap-1004", "snap-1300"]
    var largest = 0
    let (resources, _) = try discover(["ec2:snapshot": ["Encrypted"]]) { request in
      if request.operation == "DescribeImages" { return [.page(["Images": .array(images)])] }
      let ids = (request.parameters["SnapshotIds"]?.elements ?? []).compactMap(\.string)
      largest = max(largest, ids.count)
      guard let missing = ids.first(where: gone.contains) else { return nil }
      return [.failure(AWSError(kind: .rejected, code: code, message: "The snapshot '\(missing)' does not exist."))]
    }
    let ids = resources.filter { $0.type == "ec2:snapshot" }.map(\.id)
    #expect(largest == 200)
    #expect(ids == (0..<450).map { "snap-\(1000 + $0)" }.filter { !gone.contains($0) })
  }

  @Test("Snapshots that cannot be described are there all the same, with what could not be read")
  func undescribed() throws {
    let (resources, _) = try discover(["ec2:snapshot": ["Encrypted", "CreateVolumePermissions"]]) { request in
      request.operation == "DescribeSnapshots" ? [.failure(Sample.denied)] : nil
    }
    let snapshots = resources.filter { $0.type == "ec2:snapshot" }
    #expect(snapshots.map(\.id) == ["snap-1", "snap-2"])
    for snapshot in snapshots {
      #expect(snapshot.notes.keys.sorted() == ["Encrypted", "Tags"])
      #expect(snapshot.attributes["CreateVolumePermissions"] == [["Group": "all"]])
      #expect(snapshot.attributes["BackingImages"] != nil)
    }
  }

  @Test("A denied create-volume permission is a gap of that snapshot's attribute")
  func deniedVolumePermission() throws {
    let (resources, _) = try discover(["ec2:snapshot": ["CreateVolumePermissions"]]) { request in
      request.parameters["SnapshotId"] == "snap-1" ? [.failure(Sample.denied)] : nil
    }
    let snapshots = resources.filter { $0.type == "ec2:snapshot" }
    #expect(snapshots.map { $0.notes.keys.sorted() } == [["CreateVolumePermissions"], []])
  }
}
