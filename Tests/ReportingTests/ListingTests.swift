import Governance
import Testing

@testable import Reporting

@Suite struct ListingTests {
  private func image(
    _ id: String, _ attributes: Document, tags: [Governance.Tag] = [], notes: [AttributeNote] = [],
    account: String = "012345678901"
  ) -> ImageInventory.Item {
    ImageInventory.Item(
      image: Resource(
        type: "ec2:image", id: id, arn: "arn:\(id)", account: account, region: "eu-central-1", tags: tags,
        attributes: attributes, notes: notes), firstSeen: start - .seconds(86_400), lastSeen: start)
  }

  private var inventory: ImageInventory {
    var gone = image("ami-05", ["Name": "old"])
    gone.goneSince = start
    return ImageInventory(
      items: [
        image(
          "ami-0aaaaaaaaaaaaaaa1",
          [
            "Name": "golden-web", "Public": true, "CreationDate": "2026-11-01T00:00:00.000Z",
            "LastLaunchedTime": "2026-11-22T00:00:00Z",
            "LaunchPermissions": [["Group": "all"], ["UserId": "333333333333"]],
          ], tags: [Tag(key: "Owner", value: "web-team"), Tag(key: "purpose", value: "frontend")]),
        image(
          "ami-02",
          [
            "Name": "batch", "Public": false, "CreationDate": "2021-01-01T00:00:00.000Z",
            "LastLaunchedTime": ["Value": "2026-11-23T00:00:00Z"],
            "LaunchPermissions": [
              ["OrganizationArn": "arn:aws:organizations::1:organization/o-a"], ["UserId": "111111111111"],
              ["UserId": "222222222222"],
            ],
          ], tags: [Tag(key: "sensitivity", value: "confidential")]),
        image("ami-03", ["Public": false], notes: [AttributeNote(name: "LaunchPermissions", unread: denied)]),
        image("ami-04", ["Public": false, "LaunchPermissions": []], account: "111111111111"), gone,
      ], accountNames: names, now: start)
  }

  @Test("The inventory says whose an image is and who may launch it", arguments: [80, 140])
  func images(width: Int) throws {
    let text = inventory.table(width: width, color: false)
    for line in text.split(separator: "\n") { #expect(TerminalText.width(String(line)) <= width) }
    try expectGolden(text, "images-\(width).txt")
  }

  @Test("What was not read is not said to be private")
  func unread() throws {
    let document = try Document(json: inventory.json)
    let sharing = document["images"]?.elements.map { $0["sharing"]?["sharedWith"] }
    #expect(document["images"]?.count == 5)
    #expect(sharing?.filter { $0 == .null }.count == 2)
    #expect(ImageSharing(of: image("x", ["Public": false]).image).text == "not read")
    #expect(ImageSharing(of: image("x", ["LaunchPermissions": [["Group": "all"]]]).image).text == "PUBLIC")
    #expect(ImageSharing(of: image("x", ["LaunchPermissions": []]).image).text == "nobody")
    #expect(
      ImageSharing(of: image("x", ["LaunchPermissions": [["UserId": "111111111111"]]]).image).text == "111111111111")
  }

  @Test("A plan shows before and after, the call, and what takes it back")
  func plan() throws {
    var risky = action("ami-0bbbbbbbbbbbbbbb2", risk: .high, undo: false)
    risky.before = ["Name": "x\u{1B}[2J"]
    risky.after = .emptyObject
    let plan = PlanDiff(actions: [action("ami-0aaaaaaaaaaaaaaa1"), risky], accountNames: names)
    let text = plan.table(width: 80, color: false)
    try expectGolden(text, "plan-80.txt")
    #expect(!text.contains("\u{1B}"))
    #expect(!text.contains("State"))
    #expect(PlanDiff(actions: [], accountNames: [:]).table(width: 80, color: false) == "Nothing to do.\n")
  }

  @Test("Runs are listed, and shown with each action")
  func runs() throws {
    let steps = [
      RunListing.Step(
        number: 2, action: action("ami-02"), state: "failed", at: start + .seconds(9), message: "RequestLimitExceeded"),
      RunListing.Step(number: 1, action: action("ami-01"), state: "verified", at: start + .seconds(4), message: ""),
    ]
    let listing = RunListing(
      runs: [
        .init(
          id: "run-2", kind: "apply", subject: "sha256:0f0f", status: "stopped", startedAt: start,
          finishedAt: start + .seconds(10), message: "the line was stopped: 1 of 2 actions failed", steps: steps),
        .init(
          id: "run-1", kind: "undo", subject: "run-0", status: "running", startedAt: start - .seconds(60),
          finishedAt: nil, message: ""),
      ], accountNames: names)
    try expectGolden(listing.table(width: 80, color: false), "runs-80.txt")
    try expectGolden(listing.details(width: 80, color: false), "runs-details-80.txt")
    #expect(RunListing(runs: []).table(width: 80, color: false) == "No runs.\n")
  }
}
