import Configuration
import EC2Simulator
import Governance
import Orchestrator

/// Every key of a scenario file: what the reader holds a file against, and what the JSON Schema is made of.
enum ScenarioKeys {
  static let shape = ConfigurationShape.mapping(keys)

  private static let keys: [ConfigurationKey] = [
    ConfigurationKey("version", .integer(1...1), default: 1, "The version of this file's form: 1."),
    ConfigurationKey("title", .text(.any), isRequired: true, "What happens here, in one sentence."),
    ConfigurationKey(
      "world", .written(mapping: .anything), isRequired: true,
      "The world it begins with: a whole world file's content, or file: and the path of one from this file's folder."),
    ConfigurationKey("reeve", ReeveConfiguration.embeddedShape, "How Reeve is configured: what reeve.yaml would say."),
    ConfigurationKey("timeline", .list(of: .mapping(stepKeys)), isRequired: true, "What happens, step by step."),
    ConfigurationKey("expect", .mapping(finalKeys), "What must be true in the end."),
  ]

  // MARK: Steps

  static let eventNames = ["call", "faults", "wait", "sweep", "plan", "apply", "undo"]

  private static let stepKeys: [ConfigurationKey] = [
    ConfigurationKey("name", .text(.stepName), "The step's name, for expectations and other steps. Left out: step N."),
    ConfigurationKey(
      "at", .text(.time),
      "When: after so long, such as 2h, or a time such as 2026-11-24T09:00:00Z. Such a step falls in the middle of "
        + "whatever is going on. Left out: when everything before it has ended."),
    ConfigurationKey(
      "every", .duration(.seconds(1) ... .seconds(366 * 86_400)), "The step comes again, so long after."),
    ConfigurationKey("times", .integer(2...10_000), "How often it comes, with every."),
    ConfigurationKey("call", .text(.operation), "An API call: service:Operation."),
    ConfigurationKey("as", .text(.actor), "Who calls: ACCOUNT/user/NAME, ACCOUNT/role/NAME or ACCOUNT/root."),
    ConfigurationKey(
      "invokedBy", .text(.any), "The AWS service that calls on their behalf, such as backup.amazonaws.com."),
    ConfigurationKey("region", .text(.region), "Where the call goes. Left out: the world's first region."),
    ConfigurationKey("parameters", .written(mapping: .anything), "The call's parameters, in AWS's own names."),
    ConfigurationKey(
      "faults", .list(of: .written(mapping: .anything)),
      "What goes wrong from now on, in place of what went wrong before: the rules of /_simulator/faults. []: nothing."),
    ConfigurationKey("wait", .text(.time), "Nothing for so long, or until a time."),
    ConfigurationKey("sweep", .mapping(sweepKeys), "reeve sweep."),
    ConfigurationKey("plan", .mapping(planKeys), "reeve plan: made from the ledger's open findings."),
    ConfigurationKey(
      "apply",
      .mapping([ConfigurationKey("plan", .text(.stepName), "The step that made the plan. Left out: the latest.")]),
      "reeve apply --yes."),
    ConfigurationKey(
      "undo",
      .mapping([
        ConfigurationKey("apply", .text(.stepName), "The step that applied. Left out: the latest apply."),
        ConfigurationKey("action", .integer(1...1_000_000), "Only this action of the run."),
      ]), "reeve undo --yes."),
    ConfigurationKey(
      "approve", .reserved("approvals are not there yet: this version of Reeve applies a plan without one"), ""),
    ConfigurationKey(
      "crash",
      .written(
        scalar: .integer(1...1_000_000),
        mapping: .mapping([
          ConfigurationKey("boundary", .integer(1...1_000_000), isRequired: true, "At which boundary, from 1."),
          ConfigurationKey(
            "losesMachine", .flag, default: false,
            "The machine is gone with it, so that its lease on the ledger has to run out."),
        ])),
      "Reeve dies at this boundary between it and its ports: before or after the Nth call of AWS or of the ledger."),
    ConfigurationKey(
      "ledger", .text(.stepName), default: "main", "Which ledger Reeve works on: another machine has another one."),
    ConfigurationKey("expect", .mapping(stepExpectationKeys), "What must be true when the step has ended."),
  ]

  private static let sweepKeys: [ConfigurationKey] = [
    ConfigurationKey("checks", .list(of: .text(.any)), "Only these checks; * stands for anything."),
    ConfigurationKey("regions", .list(of: .text(.any)), "Only these regions; * stands for anything."),
    ConfigurationKey("accounts", .list(of: .text(.account)), "Only these accounts, by id or name."),
    ConfigurationKey(
      "maxDuration", .duration(.milliseconds(1) ... .seconds(604_800)), "It ends cleanly after so long."),
    ConfigurationKey("maxAge", .duration(.zero ... .seconds(7_776_000)), "Answers read longer ago are read again."),
    ConfigurationKey("concurrency", .integer(1...512), "Scopes at the same time."),
    ConfigurationKey("resume", .flag, default: false, "It goes on with the latest interrupted sweep."),
    ConfigurationKey(
      "failOn", .choice(Severity.allCases.map(\.rawValue)), "Findings below it do not count for exit status 1."),
    ConfigurationKey("configuration", .named(.any, .foreign), "By plugin id, what the plugin is configured with."),
  ]

  private static let planKeys: [ConfigurationKey] = [
    ConfigurationKey("checks", .list(of: .text(.any)), "Only findings of these checks."),
    ConfigurationKey("accounts", .list(of: .text(.account)), "Only in these accounts, by id or name."),
    ConfigurationKey("resources", .list(of: .text(.any)), "Only these resources, by id."),
  ]

  // MARK: Expectations

  private static let bound = ConfigurationShape.written(
    scalar: .integer(0...1_000_000_000), mapping: .mapping(boundKeys))
  private static let boundKeys: [ConfigurationKey] = [
    ConfigurationKey("atLeast", .integer(1...1_000_000_000), "Not fewer."),
    ConfigurationKey("atMost", .integer(0...1_000_000_000), "Not more."),
  ]
  private static let verdict = ConfigurationShape.choice(Coverage.Verdict.allCases.map(\.rawValue))
  private static let scopes = ConfigurationShape.named(
    .scope,
    .written(
      scalar: verdict,
      mapping: .mapping([
        ConfigurationKey("verdict", verdict, isRequired: true, "The verdict."),
        ConfigurationKey("reason", .text(.any), "Part of the reason."),
      ])))

  private static func patterns(_ keys: [ConfigurationKey]) -> ConfigurationShape {
    let list = ConfigurationShape.list(of: .written(scalar: .text(.finding), mapping: .mapping(keys)))
    return .written(
      list: list,
      mapping: .mapping([
        ConfigurationKey("contains", list, "These are there, beside others."),
        ConfigurationKey("absent", list, "These are not there."),
      ]))
  }

  private static let patternKeys: [ConfigurationKey] = [
    ConfigurationKey("check", .text(.any), isRequired: true, "The check's id."),
    ConfigurationKey("resource", .text(.any), "The resource's id or name."),
    ConfigurationKey("account", .text(.account), "The account's id or name."),
    ConfigurationKey("region", .text(.region), "The region."),
  ]

  static let kpiNames = [
    "open", "excepted", "resolved", "critical", "high", "medium", "low", "info", "scopes", "scanned", "accountedFor",
    "gaps", "notEvaluated", "resources", "calls",
  ]

  private static let runKeys: [ConfigurationKey] = [
    ConfigurationKey("status", .choice(["running", "complete", "stopped", "failed"]), "How the run ended."),
    ConfigurationKey(
      "journal",
      .mapping(
        JournalEntry.State.allCases.map {
          ConfigurationKey($0.rawValue, .integer(0...1_000_000), "How many actions are \($0.rawValue).")
        }), "How many actions stand in each state; a state that is not named has none."),
    ConfigurationKey("message", .text(.any), "Part of what the run or one of its actions says."),
  ]

  private static let sharedKeys: [ConfigurationKey] = [
    ConfigurationKey(
      "findings",
      patterns(
        patternKeys + [
          ConfigurationKey(
            "status", .choice(Finding.Status.allCases.map(\.rawValue)), "Its status. Left out: open or reopened."),
          ConfigurationKey("message", .text(.any), "Part of its message."),
        ]),
      "Exactly these open findings, or some that are there and some that are not. One line each: CHECK RESOURCE "
        + "ACCOUNT REGION, or a mapping."),
    ConfigurationKey("coverage", scopes, "ACCOUNT/REGION and the verdict that its coverage has."),
    ConfigurationKey("gaps", scopes, "Exactly these scopes are gaps. {} for none."),
    ConfigurationKey(
      "scopes", .mapping(Coverage.Verdict.allCases.map { ConfigurationKey($0.rawValue, bound, "How many scopes.") }),
      "How many scopes got each verdict."),
    ConfigurationKey(
      "notEvaluated",
      patterns(patternKeys + [ConfigurationKey("code", .text(.any), "Why: AWS's code or Reeve's own.")]),
      "Exactly these verdicts could not be given, or some of them."),
    ConfigurationKey(
      "calls",
      .list(
        of: .mapping(
          [
            ConfigurationKey("operation", .text(.operationPattern), isRequired: true, "service:Operation; * anything."),
            ConfigurationKey("account", .text(.account), "In this account."),
            ConfigurationKey("region", .text(.region), "In this region."),
            ConfigurationKey("result", .text(.any), "AWS's error code, or OK."),
            ConfigurationKey("count", .integer(0...1_000_000_000), "Exactly so often; 0: never."),
          ] + boundKeys)), "Calls that Reeve made, and calls that it did not."),
    ConfigurationKey(
      "kpis", .mapping(kpiNames.map { ConfigurationKey($0, bound, "The report's figure.") }), "The report's totals."),
    ConfigurationKey("world", .mapping(worldKeys), "What the world is like."),
    ConfigurationKey("alerts", .reserved("alerts are not there yet: this version of Reeve sends none"), ""),
    ConfigurationKey(
      "approvals", .reserved("approvals are not there yet: this version of Reeve applies a plan without one"), ""),
  ]

  private static let worldKeys: [ConfigurationKey] = [
    ConfigurationKey(
      "images",
      .list(
        of: .mapping(
          [ConfigurationKey("image", .text(.any), isRequired: true, "Its id or name.")] + placeKeys + [
            ConfigurationKey(
              "state", .choice(WorldImage.State.allCases.map(\.rawValue)), "Its state, as DescribeImages has it."),
            ConfigurationKey("sharedWith", .list(of: .text(.any)), "Exactly these, as a world file writes them."),
            ConfigurationKey(
              "tags", .named(.any, .anything), "Tags that have these values; null: the tag is not there."),
          ])), "Images as they are."),
    ConfigurationKey(
      "snapshots",
      .list(
        of: .mapping(
          [ConfigurationKey("snapshot", .text(.any), isRequired: true, "Its id.")] + placeKeys + [
            ConfigurationKey("sharedWith", .list(of: .text(.any)), "Exactly these, as a world file writes them.")
          ])), "Snapshots as they are."),
    ConfigurationKey(
      "settings",
      .list(
        of: .mapping([
          ConfigurationKey("account", .text(.account), isRequired: true, "The account's id or name."),
          ConfigurationKey("region", .text(.region), isRequired: true, "The region."),
          ConfigurationKey(
            "imageBlockPublicAccess", .choice(["block-new-sharing", "unblocked"]), "Its state."),
          ConfigurationKey(
            "snapshotBlockPublicAccess", .choice(["block-all-sharing", "block-new-sharing", "unblocked"]),
            "Its state."),
          ConfigurationKey("allowedImages", .choice(["enabled", "audit-mode", "disabled"]), "Its state."),
        ])), "An account's settings in a region."),
    ConfigurationKey(
      "unchangedSince", .text(.stepName), "The world is as it was at the end of this step; start: as it began."),
  ]

  private static let placeKeys: [ConfigurationKey] = [
    ConfigurationKey("account", .text(.account), isRequired: true, "The owner's id or name."),
    ConfigurationKey("region", .text(.region), isRequired: true, "The region."),
    ConfigurationKey("exists", .flag, "Whether it is there at all."),
  ]

  private static let stepExpectationKeys: [ConfigurationKey] =
    [
      ConfigurationKey("exit", .text(.exit), "The exit status, or crashed."),
      ConfigurationKey("error", .text(.any), "Part of what it says; of a call, AWS's code."),
      ConfigurationKey(
        "result",
        .list(
          of: .mapping([
            ConfigurationKey("path", .text(.any), isRequired: true, "Where in the answer: Images.0.Public."),
            ConfigurationKey("is", .anything, "Equal to this."),
            ConfigurationKey("contains", .anything, "A list with an element that has this."),
            ConfigurationKey("lacks", .anything, "A list without such an element."),
            ConfigurationKey("absent", .flag, "Nothing there."),
          ])), "What the answer of a call holds."),
      ConfigurationKey(
        "plan",
        .mapping([
          ConfigurationKey("actions", bound, "How many actions."),
          ConfigurationKey("leftToPeople", bound, "How many findings no plugin could plan for."),
          ConfigurationKey("operations", .list(of: .text(.operation)), "Exactly these operations."),
        ]), "What was planned."),
      ConfigurationKey("run", .mapping(runKeys), "How the apply or undo stands."),
      ConfigurationKey(
        "duration",
        .mapping([
          ConfigurationKey("atLeast", .duration(.milliseconds(1) ... .seconds(31_622_400)), "Not shorter."),
          ConfigurationKey("atMost", .duration(.zero ... .seconds(31_622_400)), "Not longer."),
        ]), "How long the step took, in virtual time."),
      ConfigurationKey(
        "warnings", .list(of: .text(.any)), "Each is part of a line that Reeve wrote for a person. []: no line."),
    ] + sharedKeys

  private static let finalKeys: [ConfigurationKey] =
    sharedKeys + [
      ConfigurationKey("runs", .named(.stepName, .mapping(runKeys)), "By step: how its apply or undo stands now.")
    ]
}

extension TextFormat {
  static let stepName = TextFormat("a name without slashes", pattern: "^[^/\\u0000-\\u001f]+$") {
    !$0.isEmpty && !$0.contains("/") && !$0.contains { $0.isNewline }
  }
  static let time = TextFormat(
    "a duration such as 90s, 15m, 36h or 7d, or a time such as 2026-11-24T09:00:00Z",
    pattern: "^(([0-9]+(ms|s|m|h|d))+|[0-9]{4}-.+)$"
  ) { Duration(text: $0) != nil || Timestamp(iso8601: $0) != nil }
  static let operation = TextFormat(
    "service:Operation, such as ec2:ModifyImageAttribute", pattern: "^[a-z0-9-]+:[A-Za-z0-9]+$"
  ) { text in
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 2 && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0.isLetter || $0.isNumber } }
  }
  static let operationPattern = TextFormat(
    "service:Operation, such as ec2:ModifyImageAttribute or ec2:Modify*", pattern: "^[a-z0-9*-]+:[A-Za-z0-9*]+$"
  ) { text in
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 2
      && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0.isLetter || $0.isNumber || $0 == "*" } }
  }
  static let actor = TextFormat(
    "ACCOUNT/user/NAME, ACCOUNT/role/NAME or ACCOUNT/root", pattern: "^[^/]+/((user|role)/.+|root)$"
  ) { ScenarioActor(text: $0) != nil }
  static let account = TextFormat("an account's id or name", pattern: "^[^/\\u0000]+$", isDigits: true) {
    !$0.isEmpty && !$0.contains("/")
  }
  static let scope = TextFormat("ACCOUNT/REGION, such as web-prod/eu-west-1", pattern: "^[^/]+/[a-z0-9*-]+$") { text in
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count == 2 && !parts[0].isEmpty && !parts[1].isEmpty
  }
  static let finding = TextFormat(
    "CHECK RESOURCE ACCOUNT REGION, from the left as far as it matters", pattern: "^\\S+( \\S+){0,3}$"
  ) { (1...4).contains($0.split(separator: " ").count) }
  static let exit = TextFormat("an exit status from 0 to 4, or crashed", pattern: "^([0-4]|crashed)$", isDigits: true) {
    ["0", "1", "2", "3", "4", "crashed"].contains($0)
  }
}
