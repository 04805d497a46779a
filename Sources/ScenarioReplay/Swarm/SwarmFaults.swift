import Governance

/// What goes wrong in a swarm's world until its last round is over.
struct SwarmFaults {
  private var draw: SwarmDraw
  private let world: SwarmWorld
  /// Since the world's start.
  private let until: String

  init(seed: UInt64, world: SwarmWorld, untilDay day: Int) {
    draw = SwarmDraw(seed: seed, stream: "swarm faults")
    self.world = world
    until = "\(day)d"
  }

  mutating func documents() -> [Document] {
    (0..<draw.weighted((3, 0), (3, 1), (2, 2), (1, 4))).map { _ in fault() }
  }

  private mutating func fault() -> Document {
    let kind = draw.weighted(
      (4, "throttling"), (3, "server-error"), (3, "denied"), (2, "expired-credentials"), (3, "reset"), (2, "timeout"),
      (2, "truncated"), (2, "garbled"), (2, "latency"), (2, "stale-reads"), (2, "actor"))
    var entries: [(name: String, value: Document?)] = [("fault", Document(kind)), ("until", Document(until))]
    switch kind {
    case "reset", "timeout": entries.append(("handled", Document(draw.chance(0.5))))
    case "latency": entries.append(("delay", Document(draw.weighted((2, "900ms"), (2, "20s"), (1, "50s")))))
    case "stale-reads": entries.append(("lasts", Document(draw.weighted((2, "2s"), (2, "10s"), (1, "40s")))))
    case "actor": return actor(entries)
    default: break
    }
    if kind != "stale-reads" { entries += match(isLasting: kind == "denied") }
    return Document(entries: entries)
  }

  /// Which calls, and how many of them.
  private mutating func match(isLasting: Bool) -> [(name: String, value: Document?)] {
    let operation = draw.weighted(
      (4, "ec2:*"), (3, "ec2:Describe*"), (2, "ec2:DescribeImageAttribute"), (2, "ec2:ModifyImageAttribute"),
      (2, "ec2:*Tags"), (1, "ec2:Get*"), (2, "sts:AssumeRole"), (1, "organizations:*"), (1, "ec2:DescribeRegions"))
    var entries: [(name: String, value: Document?)] = [("operation", Document(operation))]
    if draw.chance(0.4) { entries.append(("region", draw.pick(world.regions).map { Document($0) })) }
    // Reeve assumes roles in its own account's name.
    if draw.chance(0.3), operation.hasPrefix("ec2") {
      entries.append(("account", draw.pick(world.members).map { Document($0) }))
    }
    if isLasting { return entries }
    switch draw.number(0...3) {
    case 0: entries.append(("nth", Document(draw.number(1...12))))
    case 1: entries.append(("first", Document(draw.number(1...9))))
    default: entries.append(("rate", Document(floatLiteral: draw.weighted((3, 0.05), (3, 0.2), (1, 0.6)))))
    }
    return entries
  }

  /// Somebody makes public what has just been closed.
  private mutating func actor(_ entries: [(name: String, value: Document?)]) -> Document {
    let account = draw.pick(world.members) ?? SwarmWorld.management
    return Document(
      entries: entries + [
        ("operation", "ec2:ModifyImageAttribute"), ("account", Document(account)),
        ("first", Document(draw.number(1...3))),
        ("as", Document("arn:aws:iam::\(account):user/\(SwarmWorld.person)")), ("when", "after"),
        (
          "calls",
          [
            [
              "operation": "ec2:ModifyImageAttribute",
              "parameters": ["ImageId": "${ImageId}", "LaunchPermission": ["Add": [["Group": "all"]]]],
            ]
          ]
        ),
      ])
  }
}
