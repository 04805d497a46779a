import ReevePluginKit
import Synchronization

/// Made-up resources and organizations that the tests share.
enum Sample {
  static let account = "111111111111"
  static let region = "eu-central-1"
  static let now = Time(nanoseconds: 1_790_000_000_000_000_000)  // 2026-09-21T14:13:20Z

  static func resource(_ type: String, _ id: String, _ attributes: Document = [:]) -> DiscoveredResource {
    DiscoveredResource(
      type: type, id: id, arn: "arn:aws:ec2:\(region)::\(type.dropFirst(4))/\(id)", account: account, region: region,
      attributes: attributes)
  }

  static func image(_ attributes: Document = ["Public": false], tags: [(String, String)] = []) -> DiscoveredResource {
    var image = resource("ec2:image", "ami-0123456789abcdef0", attributes)
    image.tags = tags.map { .init($0.0, $0.1) }
    return image
  }

  static func snapshot(_ attributes: Document) -> DiscoveredResource {
    resource("ec2:snapshot", "snap-0123456789abcdef0", attributes)
  }

  static let denied = AWSError(
    kind: .denied, code: "UnauthorizedOperation", message: "You are not authorized to perform this operation.",
    service: "ec2", operation: "DescribeImageAttribute")

  static func organization(trusted: [String] = [], membershipKnown: Bool = true) -> Organization {
    Organization(
      id: "o-own1234567", arn: "arn:aws:organizations::999999999999:organization/o-own1234567",
      managementAccount: "999999999999",
      accounts: membershipKnown
        ? [
          .init(id: account, name: "one", unitPath: "o-own1234567/r-root/ou-root-prod/ou-root-web/"),
          .init(id: "222222222222", name: "two", unitPath: "o-own1234567/r-root/ou-root-test/"),
        ] : [],
      units: membershipKnown
        ? [.init(id: "ou-root-prod", arn: "arn:aws:organizations::999999999999:ou/o-own1234567/ou-root-prod")] : [],
      trusted: trusted, membershipKnown: membershipKnown,
      membershipReason: membershipKnown ? "" : "organizations:ListAccounts was denied")
  }
}

/// Counts what is alive, to show that nothing is left behind.
final class Census: Sendable {
  private let count = Mutex(0)
  var alive: Int { count.withLock { $0 } }

  final class Member: Sendable {
    private let census: Census
    init(_ census: Census) {
      self.census = census
      census.count.withLock { $0 += 1 }
    }
    deinit { census.count.withLock { $0 -= 1 } }
    func touch() {}
  }
}

extension Verdict {
  /// The message, for expectations on parts of it.
  var message: String {
    switch self {
    case .fail(let message, _), .notEvaluated(_, let message): message
    case .pass, .notApplicable: ""
    }
  }

  /// Without texts, for tables.
  var word: String {
    switch self {
    case .pass: "pass"
    case .fail: "fail"
    case .notEvaluated(let code, _): "not evaluated: \(code)"
    case .notApplicable: "not applicable"
    }
  }

  var evidence: Document? {
    if case .fail(_, let evidence) = self { evidence } else { nil }
  }
}

extension PluginHarness {
  /// The one verdict on one resource.
  func verdict(on resource: DiscoveredResource, check: UInt32 = 0) throws -> Verdict? {
    let outcomes = try evaluate([resource], checks: [check])
    return outcomes.count == 1 ? outcomes[0].verdict : nil
  }
}
