import Governance

@testable import Reporting

let start = Timestamp(seconds: 1_795_428_000)
let names = ["012345678901": "payments-production", "111111111111": "sandbox", "222222222222": "日本チーム"]

func finding(
  _ check: String, _ severity: Severity, _ id: String, account: String = "012345678901",
  region: String = "eu-central-1", name: String = "golden-web", status: Finding.Status = .open, since: Timestamp,
  message: String
) -> Finding {
  Finding(
    check: check, severity: severity, status: status,
    resource: ResourceKey(type: "ec2:image", id: id, account: account, region: region), resourceName: name,
    arn: "arn:aws:ec2:\(region):\(account):image/\(id)", message: message, evidence: ["Public": true], since: since,
    lastSeen: start)
}

func coverage(
  _ account: String, _ region: String, _ verdict: Coverage.Verdict, _ reason: String = "", resources: Int = 0
) -> Coverage {
  Coverage(scope: Scope(account: account, region: region), verdict: verdict, reason: reason, resources: resources)
}

let checks = [
  SweepReport.Check(
    id: "public-image", title: "Image is public", severity: .critical,
    remediation: "Remove the group all from the image's launch permissions: reeve plan --check public-image"),
  SweepReport.Check(
    id: "foreign-share", title: "Image is shared with a stranger", severity: .high,
    remediation: "Remove the account from the launch permissions, or add it to trusted in reeve.yaml."),
]

let denied = FailureReason(
  kind: .denied, code: "UnauthorizedOperation",
  message:
    "You are not authorized to perform this operation. User: arn:aws:sts::111111111111:assumed-role/ReeveRead/reeve")

/// One of everything.
var fullReport: SweepReport {
  SweepReport(
    sweep: "s-20261123-0001", organization: "o-abcdefghij", caller: "arn:aws:iam::999999999999:role/reeve",
    startedAt: start, duration: .milliseconds(83_500), status: .complete, exitStatus: 3, accountNames: names,
    checks: checks,
    findings: [
      finding(
        "foreign-share", .high, "ami-0aaaaaaaaaaaaaaa1", since: start - .seconds(200_000),
        message: "shared with 333333333333, which is neither in this organization nor trusted"),
      finding(
        "public-image", .critical, "ami-0bbbbbbbbbbbbbbb2", account: "111111111111", region: "ap-southeast-2",
        name: "a-very-long-image-name-that-says-what-it-is-for-2026-11-20", since: start + .seconds(5),
        message: "anyone may launch it"),
      finding(
        "public-image", .critical, "ami-0ccccccccccccccc3", account: "222222222222", name: "画像\u{1B}[31m\u{202E}x",
        status: .reopened, since: start - .seconds(90_000), message: "anyone may launch it"),
      finding(
        "tag-policy", .low, "ami-0ddddddddddddddd4", name: "", since: start - .seconds(60),
        message: "the tag owner is missing; the tag stage has the value x, expected one of production, staging, test"),
      finding("foreign-share", .high, "ami-0eeeeeeeeeeeeeee5", status: .excepted, since: start, message: "excepted"),
      finding("public-image", .critical, "ami-0fffffffffffffff6", status: .resolved, since: start, message: "gone"),
    ],
    coverage: [
      coverage("012345678901", "eu-central-1", .scanned, resources: 40),
      coverage("012345678901", "us-east-1", .scanned, resources: 2),
      coverage("012345678901", "me-south-1", .regionNotOptedIn, "not opted in"),
      coverage("111111111111", "ap-southeast-2", .partial, "1 attribute of 1 image unread", resources: 12),
      coverage(
        "222222222222", "*", .assumeRoleFailed,
        "AccessDenied: User: arn:aws:iam::999999999999:role/reeve is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::222222222222:role/ReeveRead"
      ),
      coverage("333333333333", "eu-central-1", .throttledOut, "RequestLimitExceeded after 8 tries"),
      coverage("333333333333", "eu-west-1", .throttledOut, "RequestLimitExceeded after 8 tries"),
      coverage("444444444444", "*", .excluded, "excluded by organization.exclude.accounts (reeve.yaml:12)"),
      coverage("555555555555", "*", .accountNotActive, "SUSPENDED"),
    ],
    notEvaluated: [
      NotEvaluated(
        check: "foreign-share",
        resource: ResourceKey(
          type: "ec2:image", id: "ami-0bbbbbbbbbbbbbbb2", account: "111111111111", region: "ap-southeast-2"),
        arn: "arn:aws:ec2:ap-southeast-2:111111111111:image/ami-0bbbbbbbbbbbbbbb2", reason: denied)
    ],
    calls: ["ec2:DescribeImages": 60, "ec2:DescribeImageAttribute": 54, "sts:AssumeRole": 5, "ec2:DescribeRegions": 4],
    throttledTime: .milliseconds(4_200),
    factAges: [
      .init(resourceType: "ec2:image", attribute: "LaunchPermissions", oldest: start - .seconds(40_000)),
      .init(resourceType: "ec2:image", attribute: "Public", oldest: start),
    ],
    remarks: ["Plugin team-checks runs inline, outside the sandbox."])
}

/// Nothing to say.
var greenReport: SweepReport {
  SweepReport(
    sweep: "s-2", organization: "", caller: "arn:aws:iam::999999999999:user/me", startedAt: start,
    duration: .milliseconds(900), status: .complete, exitStatus: 0, checks: checks,
    coverage: [coverage("012345678901", "eu-central-1", .scanned, resources: 1)])
}

func action(_ id: String, risk: Action.Risk = .medium, undo: Bool = true) -> Action {
  func call(_ operation: String, _ side: String) -> APICall {
    APICall(
      service: "ec2", operation: operation,
      parameters: ["ImageId": Document(id), "LaunchPermission": Document(entries: [(side, [["Group": "all"]])])])
  }
  let read = Observation(
    call: APICall(service: "ec2", operation: "DescribeImageAttribute", parameters: ["ImageId": Document(id)]),
    expectations: [.init(path: "LaunchPermissions", comparison: .contains, value: ["Group": "all"])])
  return Action(
    plugin: "revoke-public-access", check: "public-image",
    resource: ResourceKey(type: "ec2:image", id: id, account: "012345678901", region: "eu-central-1"), arn: "arn:\(id)",
    summary: "Stop sharing \(id) with everyone", risk: risk, call: call("ModifyImageAttribute", "Remove"),
    precondition: read, undo: undo ? call("ModifyImageAttribute", "Add") : nil, verification: read,
    before: [
      "LaunchPermissions": [["Group": "all"], ["UserId": "111111111111"]], "Public": true, "State": "available",
    ],
    after: ["LaunchPermissions": [["UserId": "111111111111"]], "Public": false, "State": "available"])
}
