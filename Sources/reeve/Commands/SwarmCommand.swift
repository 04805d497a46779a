import AWSWire
import Configuration
import Determinism
import Governance
import Orchestrator
import PluginHost
import ScenarioReplay

extension Command {
  static let scenarioSwarm = Command(
    path: ["scenario", "swarm"], summary: "play random scenarios and hold Reeve against what must always be true",
    discussion: """
      One scenario a seed: a random organization, what people do in it, faults, crashes, sweeps, plans, applies and
      undos. After every step, and at every call, what must always be true is looked at. A violation ends with status 1;
      its scenario is made as small as it can be, written to a file, and the command that replays it is printed.
      """,
    options: [
      .init(name: "--seeds", value: "N|A..B", help: "so many seeds from 1, or these. Default: 100"),
      .init(name: "--output", value: "DIR", help: "where scenarios with violations are written. Default: here"),
      .init(
        name: "--canary", value: "NAME",
        help: "break Reeve on purpose; a swarm that does not notice is worth nothing. One of "
          + SwarmCanary.allCases.map(\.rawValue).joined(separator: ", ")),
      .init(
        name: "--twice-every", value: "N",
        help: "play each Nth seed twice and compare the bytes. Default: 20"),
      .init(name: "--schedule-seed", value: "N", help: "with a file: the order in which ready work runs. Default: 1"),
      .init(name: "--transcript", value: "FILE", help: "write what was asked and answered, line by line"),
    ],
    arguments: [.init(name: "FILE", help: "a scenario to play instead of random ones", isRequired: false)]
  ) { arguments, context in
    try SwarmCommand(arguments: arguments, context: context).run()
  }
}

private struct SwarmCommand {
  let arguments: Arguments
  let context: Context

  func run() throws -> ExitStatus {
    let host = try Plugins.load(try Settings.load(Arguments(), context), context, replaying: true)
    var swarm = Swarm(catalog: host)
    let canary = try arguments.parsed(
      "--canary", expected: "one of \(SwarmCanary.allCases.map(\.rawValue).joined(separator: ", "))",
      SwarmCanary.init(rawValue:))
    swarm.ports = canary?.ports
    if let file = arguments.positional.first { return try play(file, swarm, canary) }
    return try play(try seeds, swarm, canary)
  }

  private var seeds: ClosedRange<UInt64> {
    get throws {
      try arguments.parsed("--seeds", expected: "a number, or two as in 1..500") { text in
        if let count = UInt64(text) { return count > 0 ? 1...count : nil }
        guard let dots = text.firstRange(of: ".."), let first = UInt64(text[..<dots.lowerBound]),
          let last = UInt64(text[dots.upperBound...]), first <= last
        else { return nil }
        return first...last
      } ?? 1...100
    }
  }

  // MARK: Seeds

  private func play(_ seeds: ClosedRange<UInt64>, _ swarm: Swarm, _ canary: SwarmCanary?) throws -> ExitStatus {
    let every = try arguments.parsed("--twice-every", expected: "a whole number") { UInt64($0) } ?? 20
    var violating: [UInt64] = []
    var calls = 0
    var steps = 0
    var digests = ""
    var transcripts = ""
    for seed in seeds {
      var swarm = swarm
      swarm.repeats = every > 0 && seed.isMultiple(of: every)
      let outcome = swarm.run(seed: seed)
      calls += outcome.calls
      steps += outcome.steps
      digests += Digest.sha256Hex(Array(outcome.transcript.utf8))
      if arguments.value("--transcript") != nil { transcripts += "seed \(seed)\n" + outcome.transcript }
      if !outcome.violations.isEmpty {
        violating.append(seed)
        try report(outcome, of: "seed \(seed)", name: "swarm-\(seed)", swarm, canary)
        // A broken build violates seed after seed: the first few say it all.
        if violating.count == 5 { break }
      }
      if seed.isMultiple(of: 1_000) {
        context.errors.write("seed \(seed): \(violating.count) with violations so far\n")
      }
      if let reason = context.interrupt.reason { throw CommandFailure.failed("\(reason); the last seed was \(seed)") }
    }
    if let file = arguments.value("--transcript") {
      try context.files.replace(file, with: Array(transcripts.utf8), mode: 0o644)
    }
    context.output.write(
      "seeds \(seeds.lowerBound)..\(seeds.upperBound): \(steps) steps, \(calls) calls, "
        + "\(violating.isEmpty ? "no violation" : "violations in \(violating.count)"), "
        + "transcripts \(Digest.sha256Hex(Array(digests.utf8)).prefix(16))\n")
    return violating.isEmpty ? .clean : .findings
  }

  private func play(_ file: String, _ swarm: Swarm, _ canary: SwarmCanary?) throws -> ExitStatus {
    guard let bytes = try context.files.contents(of: file) else {
      throw CommandFailure.usage("\(file): no such file; expected a scenario")
    }
    let source = try YAML.parse(bytes, file: file)
    let seed = try arguments.parsed("--schedule-seed", expected: "a whole number") { UInt64($0) } ?? 1
    let outcome = swarm.run(source.document, scheduleSeed: seed)
    if let file = arguments.value("--transcript") {
      try context.files.replace(file, with: Array(outcome.transcript.utf8), mode: 0o644)
    }
    for violation in outcome.violations { context.output.write("\(file) violates \(violation)\n") }
    context.output.write(
      "\(file): \(outcome.steps) steps, \(outcome.calls) calls, "
        + "\(outcome.violations.isEmpty ? "no violation" : "\(outcome.violations.count) violations")\n")
    return outcome.violations.isEmpty ? .clean : .findings
  }

  // MARK: Violations

  private func report(
    _ outcome: Swarm.Outcome, of what: String, name: String, _ swarm: Swarm, _ canary: SwarmCanary?
  ) throws {
    for violation in outcome.violations.prefix(3) { context.output.write("\(what) violates \(violation)\n") }
    if outcome.violations.count > 3 { context.output.write("\(what): \(outcome.violations.count - 3) more\n") }
    guard let first = outcome.violations.first else { return }
    var small = outcome.document
    if first.invariant != .sameSeedSameBytes {
      var shrinker = SwarmShrinker(
        swarm, scheduleSeed: outcome.scheduleSeed, invariant: first.invariant,
        violated: outcome.violations.map(\.invariant))
      small = shrinker.shrink(outcome.document)
    }
    if let folder = arguments.value("--output") { try context.files.makeDirectory(folder) }
    let path = (arguments.value("--output").map { $0 + "/" } ?? "") + name + ".yaml"
    // What is said may have several lines.
    let heading = "\(what) violates \(first)".split(separator: "\n").map { "# \($0)\n" }.joined()
    let text = heading + YAML.write(small)
    try context.files.replace(path, with: Array(text.utf8), mode: 0o644)
    context.output.write(
      "  shrunk from \(size(outcome.document)) to \(size(small))\n  again: reeve scenario swarm \(path) "
        + "--schedule-seed \(outcome.scheduleSeed)\(canary.map { " --canary \($0.rawValue)" } ?? "")\n")
  }

  private func size(_ document: Document) -> String {
    "\(document["timeline"]?.count ?? 0) steps in \(document["world"]?["accounts"]?.count ?? 0) accounts"
  }
}
