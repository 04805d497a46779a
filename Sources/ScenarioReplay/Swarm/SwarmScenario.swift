import Governance

/// A whole random scenario as the content of a scenario file: what cannot be written as one cannot be shrunk, kept and
/// run again.
struct SwarmScenario {
  private var draw: SwarmDraw
  private var world: SwarmWorld
  private let seed: UInt64
  private var timeline: [Document] = []
  private var names: [String: Int] = [:]
  /// Since the clock's start, of the round that is made.
  private var day = 0
  /// Of the machine that Reeve is on; nil: the first one's.
  private var ledger: String?

  /// Where every swarm's clock starts.
  private static let clock = Timestamp(seconds: 1_795_428_000)
  /// The last sweep, plan and apply, when all faults are over: after them the organization is as it should be.
  static let settled = "settled"

  static func document(seed: UInt64) -> Document {
    var scenario = SwarmScenario(seed: seed)
    return scenario.make()
  }

  private init(seed: UInt64) {
    self.seed = seed
    draw = SwarmDraw(seed: seed, stream: "swarm timeline")
    world = SwarmWorld(seed: seed)
  }

  private mutating func make() -> Document {
    let reeve = configuration()
    for _ in 0..<draw.weighted((3, 1), (4, 2), (1, 3)) { round() }
    settle()
    var worldDocument = world.document(seed: seed, clock: Self.clock)
    var faults = SwarmFaults(seed: seed, world: world, untilDay: day + 2)
    let documents = faults.documents()
    if !documents.isEmpty { worldDocument = worldDocument.setting("faults", to: Document(documents)) }
    return Document(entries: [
      ("version", 1), ("title", Document("swarm seed \(seed)")), ("world", worldDocument), ("reeve", reeve),
      ("timeline", Document(timeline)),
      // What must be true is the swarm's to say; a scenario file must expect something, and this it can.
      ("expect", ["kpis": ["scopes": ["atLeast": 1]]]),
    ])
  }

  // MARK: Reeve's configuration

  static let checks = [
    "image.public", "image.shared-with-stranger", "snapshot.public", "image.block-public-access-off",
    "snapshot.block-public-access-off", "image.required-tags",
  ]

  private mutating func configuration() -> Document {
    let region = world.regions.first ?? "us-east-1"
    var checks: [String] = []
    if draw.chance(0.4) {
      checks = draw.some(of: Self.checks, share: 0.5)
      if checks.isEmpty { checks = ["image.public"] }
    }
    var trusted: [String] = []
    if draw.chance(0.3) { trusted.append(SwarmWorld.stranger) }
    if draw.chance(0.2) {
      trusted.append(
        "arn:aws:organizations::\(SwarmWorld.foreignManagement):organization/\(SwarmWorld.foreignOrganization)")
    }
    var organization: [(name: String, value: Document?)] = []
    if draw.chance(0.15), let member = draw.pick(world.members) {
      organization.append(("exclude", ["accounts": Document(strings: [member])]))
    }
    let tags: Document? =
      draw.chance(0.3)
      ? [
        "reeve.tag-policy": [
          "required": [["key": "Owner", "default": "unowned"], ["key": "Stage", "default": "test"]]
        ]
      ]
      : nil
    return Document(entries: [
      ("region", Document(region)), ("roles", world.chain),
      ("trusted", trusted.isEmpty ? nil : Document(strings: trusted)),
      ("checks", checks.isEmpty ? nil : ["include": Document(strings: checks)]),
      ("organization", organization.isEmpty ? nil : Document(entries: organization)),
      ("plugins", tags.map { ["configuration": $0] }),
      ("limits", limits()),
      (
        "budgets",
        Document(entries: [
          ("actionsPerRun", Document(draw.weighted((6, 1_000), (1, 2)))), ("actionsPerAccount", 1_000),
          ("actionsPerDay", 100_000), ("failureRate", draw.chance(0.5) ? 1 : 0.1),
        ])
      ),
    ])
  }

  private mutating func limits() -> Document {
    Document(entries: [
      ("concurrency", Document(draw.weighted((3, 16), (1, 1), (1, 3)))),
      ("launchPermissionsMaximumAge", Document(draw.weighted((2, "24h"), (1, "1h")))),
    ])
  }

  // MARK: The timeline

  private mutating func name(_ kind: String) -> String {
    names[kind, default: 0] += 1
    return "\(kind)-\(names[kind, default: 0])"
  }

  private mutating func add(
    _ kind: String, _ value: Document = .emptyObject, at time: String? = nil, crash: Crash? = nil,
    ledger other: String? = nil
  ) {
    let name = name(kind)
    timeline.append(
      Document(entries: [
        ("name", Document(name)), ("at", time.map { Document($0) }), (kind, value), ("crash", crash?.document),
        ("ledger", kind == "wait" ? nil : (other ?? ledger).map { Document($0) }),
      ]))
  }

  /// Reeve dies, alone or with the machine that it is on.
  private struct Crash {
    var boundary: Int
    var losesMachine: Bool

    var document: Document {
      losesMachine ? ["boundary": Document(boundary), "losesMachine": true] : Document(boundary)
    }
  }

  private mutating func crash(_ chance: Double, within boundaries: ClosedRange<Int>) -> Crash? {
    guard draw.chance(chance) else { return nil }
    return Crash(boundary: draw.number(boundaries), losesMachine: draw.chance(0.3))
  }

  /// Another machine takes over what a lost one did: on the ledger that they share, when the lease has run out or before;
  /// or on one of its own that knows of nothing.
  private mutating func takeOver(_ crash: Crash) {
    guard crash.losesMachine else { return }
    if draw.chance(0.4) {
      ledger = name("machine")
    } else if draw.chance(0.8) {
      add("wait", "3m")
    }
  }

  /// Days go by, people act, Reeve sweeps, perhaps it plans and changes, perhaps it is taken back.
  private mutating func round() {
    day += draw.weighted((3, 1), (2, 2), (1, 4))
    for _ in 0..<draw.weighted((3, 0), (3, 1), (2, 3)) { act() }
    sweep()
    if draw.chance(0.25) { sweep(isFirst: false) }
    guard draw.chance(0.75) else { return }
    add("plan")
    for _ in 0..<draw.weighted((4, 0), (2, 1), (1, 2)) { act() }
    if draw.chance(0.35) { tidyUp() }
    apply()
    for _ in 0..<draw.weighted((4, 0), (1, 1)) { act() }
    if draw.chance(0.35) { undo() }
  }

  private mutating func sweep(isFirst: Bool = true) {
    let crash = crash(0.12, within: 1...160)
    let options = Document(entries: [("maxDuration", draw.chance(0.08) ? "200ms" : nil)])
    add("sweep", options, at: isFirst ? "\(day)d" : nil, crash: crash)
    if isFirst {
      // Another one at the same time: on the same ledger it is refused, on another machine it is not.
      if draw.chance(0.12) {
        add("sweep", at: "\(day)d\(draw.number(0...300))ms", ledger: draw.chance(0.5) ? "second" : nil)
      }
      for _ in 0..<draw.weighted((5, 0), (1, 1), (1, 2)) { act(at: "\(day)d\(draw.number(1...600))ms") }
    }
    guard let crash else { return }
    takeOver(crash)
    add("sweep", draw.chance(0.5) ? ["resume": true] : .emptyObject)
  }

  private mutating func apply() {
    let crash = crash(0.3, within: 1...60)
    add("apply", at: "\(day)d6h", crash: crash)
    for _ in 0..<draw.weighted((5, 0), (1, 1)) { act(at: "\(day)d6h\(draw.number(1...900))ms") }
    guard let crash else { return }
    takeOver(crash)
    add("apply")
  }

  private mutating func undo() {
    let crash = crash(0.3, within: 1...40)
    add("undo", crash: crash)
    guard let crash else { return }
    takeOver(crash)
    add("undo")
  }

  /// Everything is over: what is left to do is done.
  private mutating func settle() {
    let ledger = ledger
    func step(_ name: String, _ kind: String, _ value: Document, at time: String? = nil) {
      timeline.append(
        Document(entries: [
          ("name", Document("\(Self.settled)-\(name)")), ("at", time.map { Document($0) }), (kind, value),
          ("ledger", ledger.map { Document($0) }),
        ]))
    }
    step("sweep", "sweep", ["maxAge": "0s"], at: "\(day + 3)d")
    step("plan", "plan", .emptyObject)
    step("apply", "apply", .emptyObject)
    step("again", "sweep", ["maxAge": "0s"])
  }

  // MARK: Other people

  private mutating func act(at time: String? = nil) {
    guard let account = draw.pick(world.accounts), let region = draw.pick(world.regions) else { return }
    let image = "ami-0\(account.suffix(6))\(world.regions.firstIndex(of: region) ?? 0)\(draw.number(0...1))00000000"
    let (operation, parameters) = change(of: image)
    call(operation, parameters, in: account, region, at: time)
  }

  /// Somebody closes what they have published before Reeve does.
  private mutating func tidyUp() {
    guard let account = draw.pick(world.accounts) else { return }
    for (place, region) in world.regions.enumerated() {
      for number in 0...1 {
        let image = "ami-0\(account.suffix(6))\(place)\(number)00000000"
        call(
          "ModifyImageAttribute",
          ["ImageId": Document(image), "LaunchPermission": ["Remove": [["Group": "all"]]]], in: account, region)
      }
    }
  }

  private mutating func call(
    _ operation: String, _ parameters: Document, in account: String, _ region: String, at time: String? = nil
  ) {
    timeline.append(
      Document(entries: [
        ("name", Document(name("act"))), ("at", time.map { Document($0) }), ("call", Document("ec2:\(operation)")),
        ("as", Document("\(account)/user/\(SwarmWorld.person)")), ("region", Document(region)),
        ("parameters", parameters),
      ]))
  }

  private mutating func change(of image: String) -> (operation: String, parameters: Document) {
    let grantee: Document = draw.weighted(
      (4, ["Group": "all"]), (2, ["UserId": Document(SwarmWorld.stranger)]),
      (1, ["UserId": Document(world.members[0])]))
    func permission(_ change: String) -> (String, Document) {
      let permission = Document(entries: [(name: change, value: [grantee])])
      return ("ModifyImageAttribute", ["ImageId": Document(image), "LaunchPermission": permission])
    }
    return draw.weighted(
      (5, permission("Add")), (3, permission("Remove")),
      (1, ("DeregisterImage", ["ImageId": Document(image)])),
      (1, ("DisableImage", ["ImageId": Document(image)])),
      (1, ("EnableImage", ["ImageId": Document(image)])),
      (2, ("CreateTags", ["Resources": [Document(image)], "Tags": [["Key": "Owner", "Value": "someone"]]])),
      (2, ("DeleteTags", ["Resources": [Document(image)], "Tags": [["Key": "Owner"]]])),
      (1, ("EnableImageBlockPublicAccess", ["ImageBlockPublicAccessState": "block-new-sharing"])),
      (1, ("DisableImageBlockPublicAccess", .emptyObject)))
  }
}
